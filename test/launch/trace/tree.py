"""Does each attempt of a JSON list in a grandchild of its own that ends at once; with noise that no sandbox refuses."""
import json, os, socket, sys

def attempt(op, path, other, way):
    # By a relative name after chdir, by a directory's descriptor, or by the whole path.
    head, tail = os.path.split(path)
    fd = None
    name = path
    if way == 'chdir':
        # As near as the sandbox lets one come; the rest stays in the name.
        parts = path.strip('/').split('/')
        at = '/'
        while parts[:-1]:
            try:
                os.chdir(os.path.join(at, parts[0]))
            except OSError:
                break
            at = os.path.join(at, parts.pop(0))
        name = '/'.join(parts)
    elif way == 'fd':
        fd = os.open('/', os.O_PATH)
        name = path.lstrip('/')
    try:
        if op == 'read': os.close(os.open(name, os.O_RDONLY, dir_fd=fd))
        elif op == 'stat': os.stat(name, dir_fd=fd)
        elif op == 'write': os.close(os.open(name, os.O_WRONLY | os.O_APPEND, dir_fd=fd))
        elif op == 'create': os.close(os.open(name, os.O_WRONLY | os.O_CREAT, 0o600, dir_fd=fd))
        elif op == 'mkdir': os.mkdir(name, dir_fd=fd)
        elif op == 'unlink': os.unlink(name, dir_fd=fd)
        elif op == 'rename-to': os.rename(other, name, dst_dir_fd=fd)
        elif op == 'exec': os.execv(name if fd is None else path, [name])
        elif op == 'connect':
            s = socket.socket(socket.AF_UNIX)
            s.connect(name if fd is None else path)
        print('NOT REFUSED', op, path, flush=True)
    except OSError:
        pass

def in_grandchild(work):
    child = os.fork()
    if child == 0:
        if os.fork() == 0:
            work()
            os._exit(0)
        os._exit(0)
    os.waitpid(child, 0)

for index, (op, path, other, way) in enumerate(json.load(open(sys.argv[1]))):
    in_grandchild(lambda: attempt(op, path, other, way))
    if index % 10 == 0:
        # A search along PATH and a module that is not there.
        for directory in os.environ['PATH'].split(':') + ['/nowhere', os.getcwd()]:
            try: os.stat(os.path.join(directory, 'no-such-program-%d' % index))
            except OSError: pass
# The grandchildren belong to the first process of the sandbox by now; what they hold open tells when they are done.
os.close(1)
