"""Runs a program on a terminal of its own and talks to it: python3 terminal.py STEPS_JSON PROGRAM [ARG...]

Steps: ["expect", text], ["exists", path], ["send", text], ["size", rows, columns],
["rename", from, to]. Prints one JSON document: {"output": ..., "status": ...}.
Exit status of the program as a shell would show it. A step that does not come true within two
minutes ends the run.
"""
import fcntl
import json
import os
import pty
import select
import struct
import sys
import termios
import time

steps = json.loads(sys.argv[1])
program = sys.argv[2:]
pid, fd = pty.fork()
if pid == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 31, 97, 0, 0))
    os.execvp(program[0], program)

output = b""
seen = 0
failed = None


def pump(seconds):
    """Reads what is there; False at the end of the output."""
    global output
    if not select.select([fd], [], [], seconds)[0]:
        return True
    try:
        chunk = os.read(fd, 65536)
    except OSError:
        return False
    output += chunk
    return bool(chunk)


for step in steps:
    if step[0] == "send":
        os.write(fd, step[1].encode())
    elif step[0] == "size":
        fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", step[1], step[2], 0, 0))
    elif step[0] == "rename":
        os.rename(step[1], step[2])
    elif step[0] == "exists":
        end = time.monotonic() + 120
        while not os.path.exists(step[1]) and time.monotonic() < end and pump(0.05):
            pass
        if not os.path.exists(step[1]):
            failed = step[1]
            break
    else:
        end = time.monotonic() + 120
        alive = True
        while step[1].encode() not in output[seen:]:
            if time.monotonic() > end or not alive:
                failed = step[1]
                break
            alive = pump(0.1)
        if failed:
            break
        seen = output.index(step[1].encode(), seen) + len(step[1].encode())

if failed:
    os.kill(pid, 9)
while pump(0.5):
    if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
        while select.select([fd], [], [], 0.1)[0] and pump(0.1):
            pass
        break
_, status = os.waitpid(pid, 0)
print(json.dumps({"output": output.decode("utf8", "replace"), "status": os.waitstatus_to_exitcode(status), "failed": failed}))
