"""Lets an installed Mistral Vibe load private copies of its configuration files, and says what it made of them.

Standard input: JSON {"user": TEXT, "project": TEXT or null}. Standard output: the same as Vibe left the files. Run by Vibe's own interpreter,
inside launcher's sandbox and without a network; everything lies in TMPDIR.
"""

import asyncio
import importlib
import importlib.metadata
import json
import os
import sys
import tempfile
from pathlib import Path

answer, sys.stdout = sys.stdout, sys.stderr
files = json.load(sys.stdin)
root = Path(tempfile.mkdtemp(prefix="vibe-migrate-")).resolve()
home, project = root / "home", root / "project"
home.mkdir()
project.mkdir()
user = home / "config.toml"
user.write_bytes(files["user"].encode())
own = project / ".vibe" / "config.toml"
if files["project"] is not None:
    own.parent.mkdir()
    own.write_bytes(files["project"].encode())
    (home / "trusted_folders.toml").write_text(f"trusted = [{json.dumps(str(project))}]\nuntrusted = []\n")
os.environ.update(VIBE_HOME=str(home), MISTRAL_API_KEY="none", VIBE_TEST_DISABLE_KEYRING="1")
os.chdir(project)

release = tuple(int(part) for part in importlib.metadata.version("mistral-vibe").split(".")[:2])
if release < (2, 4):
    importlib.import_module("vibe.core.paths.config_paths").unlock_config_paths()
else:
    importlib.import_module("vibe.core.config.harness_files").init_harness_files_manager("user", "project")
failure = None
try:
    if release < (2, 22):
        importlib.import_module("vibe.core.config").VibeConfig.load()
    else:
        asyncio.run(importlib.import_module("vibe.core.config.default_orchestrator").build_default_orchestrator())
except Exception as error:
    failure = f"{type(error).__name__}: {error}"[:2000]
json.dump(
    {
        "user": user.read_bytes().decode(),
        "project": own.read_bytes().decode() if own.exists() else None,
        "failure": failure,
    },
    answer,
)
