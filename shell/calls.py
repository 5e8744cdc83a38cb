# Makes the system calls that Node has no words for, as told on standard input by src/launch/calls.ts, and nothing else: for
# machines without Perl. Says the same as calls.pl, where the words are explained.
import ctypes
import os
import sys

calls = {"aside": [], "main": []}
part = "main"
for line in sys.stdin.read().splitlines():
    if line in calls:
        part = line
    else:
        calls[part].append(line)

libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
returned = []
child = 0


def field(text):
    kind, value = text.split(":", 1)
    if kind == "i":
        return ctypes.c_long(int(value))
    if kind == "s":
        return ctypes.create_string_buffer(bytes.fromhex(value))
    if kind == "r":
        return ctypes.c_long(returned[int(value)])
    return ctypes.create_string_buffer(f"/proc/{child}/fd/{returned[int(value)]}".encode())


def failure(lines):
    """The first call that fails ends it; None when none does."""
    for line in lines:
        number, *fields = line.split(" ")
        answer = libc.syscall(ctypes.c_long(int(number)), *[field(one) for one in fields])
        if answer == -1:
            return f"failed {len(returned)} {ctypes.get_errno()}"
        returned.append(answer)
    return None


hold = None
if calls["aside"]:
    ready, tell = os.pipe()
    wait, hold = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(hold)
        answer = failure(calls["aside"]) or "ok " + " ".join(map(str, returned))
        os.write(tell, answer.encode())
        os.close(tell)
        os.read(wait, 1)
        os._exit(0)
    os.close(tell)
    answer = b""
    while chunk := os.read(ready, 65536):
        answer += chunk
    if not answer.startswith(b"ok "):
        print(answer.decode() or "failed 0 0")
        sys.exit(1)
    returned = [int(word) for word in answer.split()[1:]]
failed = failure(calls["main"])
print(failed or "ok")
if hold is not None:
    os.close(hold)
sys.exit(1 if failed else 0)
