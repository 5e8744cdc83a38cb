import { describe, expect, it } from 'vitest'
import { reachOf } from '../../../src/audit/shared/programs.ts'

const of = (command: string) => reachOf(command.split(' '))

describe('what an allowed beginning of a command can run', () => {
  it.each(
    'bash,python3,python3.12 -c,node,nix,nix develop,vibe,claude -p,dotnet,bundle exec,poetry run,mise exec,direnv exec,tsx,timeout,timeout 60,time,nice -n 5,stdbuf,env FOO=1,composer,swift,bazel,git,rg,fd,xargs,npx,uvx,uv run,npm,cargo,go,go run,sudo,docker,env bash'.split(
      ',',
    ),
  )('%s: anything', (command) => {
    expect(of(command)).toBe('anything')
  })

  it.each(
    'pytest,pytest -x,uv run pytest,mvn,./gradlew test,gradle,task,tox,rake,mix,./scripts/test.sh,scripts/a,git commit,pre-commit,npm test,npm run,cargo test,go test,make,just,time make'.split(
      ',',
    ),
  )('%s: code of the project', (command) => {
    expect(of(command)).toBe('project')
  })

  it.each(
    'ls,cat,jq,git status,git diff,go version,cargo tree,npm ls,npm run lint,timeout 5 ls,python3 tool.py,/usr/bin/wc'.split(
      ',',
    ),
  )('%s: nothing else', (command) => {
    expect(of(command)).toBeUndefined()
  })
})
