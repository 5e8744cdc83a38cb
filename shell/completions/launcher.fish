# For ~/.config/fish/completions, or `launcher init fish | source`.

function __launcher_command
    set -l words (commandline -opc)
    test (count $words) -ge 2; and contains -- $words[2] $argv
end

function __launcher_no_command
    test (count (commandline -opc)) -eq 1
end

# The words after -- belong to the agent.
function __launcher_policy
    __launcher_command audit explain learn net profiles run verify; and not contains -- -- (commandline -opc)
end

function __launcher_run
    __launcher_command run; and not contains -- -- (commandline -opc)
end

function __launcher_profiles
    command launcher profiles --names 2>/dev/null
end

complete -c launcher -n __launcher_no_command -f -a 'audit demo doctor explain help init learn migrate net profiles run sbpl verify'
complete -c launcher -n __launcher_no_command -f -l help -d 'how to use it'
complete -c launcher -n __launcher_no_command -f -l version -d 'print the version'

complete -c launcher -n '__launcher_command explain learn migrate profiles verify' -a '(__launcher_profiles)'
complete -c launcher -n '__launcher_command explain' -a 'env host log path profile socket target'
complete -c launcher -n '__launcher_command explain' -l exec -d 'may it be executed'
complete -c launcher -n '__launcher_command explain' -x -l exit -d 'with a log, the exit code'
complete -c launcher -n '__launcher_command explain' -l program -d 'what the kernel would enforce'
complete -c launcher -n '__launcher_command learn' -l yes -d 'write what is not dangerous without asking'
complete -c launcher -n '__launcher_command migrate' -l yes -d 'write without asking'
complete -c launcher -n '__launcher_command net' -f -a 'approve check export log'
complete -c launcher -n '__launcher_command net' -l follow -d 'each connection as it happens'
complete -c launcher -n '__launcher_command net' -l lulu -d 'as a rules file of LuLu'
complete -c launcher -n '__launcher_command audit' -x -l agent-version -d 'the version of the agent'
complete -c launcher -n '__launcher_command audit' -l all -d 'every finding and probe'
complete -c launcher -n '__launcher_command audit' -x -l explain -d 'what one check means'
complete -c launcher -n '__launcher_command audit' -x -l fail-on -a 'critical high medium low info' -d 'exit with 1 from this severity on'
complete -c launcher -n '__launcher_command audit' -l fix -d 'show what can be mended'
complete -c launcher -n '__launcher_command audit' -x -l format -a 'vibe claude codex opencode' -d 'whose settings'
complete -c launcher -n '__launcher_command audit' -l sarif -d 'SARIF on standard output'
complete -c launcher -n __launcher_run -f -a '(__launcher_profiles)'
complete -c launcher -n '__launcher_command init' -f -a 'bash fish zsh'
complete -c launcher -n '__launcher_command profiles' -f -a 'list show'
complete -c launcher -n '__launcher_command profiles' -l names -d 'names only, one a line'

complete -c launcher -n __launcher_policy -l allow-broad-project -d 'accept a project that holds the home directory or secrets'
complete -c launcher -n __launcher_policy -x -l allow-host -a '(__fish_print_hostnames)' -d 'let the agent reach a host'
complete -c launcher -n __launcher_policy -r -l connect -d 'let the agent connect to a unix socket'
complete -c launcher -n __launcher_policy -x -l env -a '(set -nx)' -d 'pass or set a variable'
complete -c launcher -n __launcher_policy -l json -d 'write JSON on standard output'
complete -c launcher -n __launcher_policy -r -l lift -d 'lift a protection, by its path'
complete -c launcher -n __launcher_policy -x -l listen -d 'let the agent listen on a port'
complete -c launcher -n __launcher_policy -x -l network -a 'none allowlist any host' -d 'network mode'
complete -c launcher -n __launcher_policy -r -l none -d 'take a path away'
complete -c launcher -n __launcher_policy -r -l profile -a '(__launcher_profiles)' -d 'use this profile'
complete -c launcher -n __launcher_policy -r -l project -a '(__fish_complete_directories)' -d 'the directory the agent works in'
complete -c launcher -n __launcher_policy -r -l read -d 'let the agent read a path'
complete -c launcher -n __launcher_policy -l settings-copy -d 'give the agent a copy of its own settings, for this run'
complete -c launcher -n __launcher_policy -r -l write -d 'let the agent write a path'

complete -c launcher -n __launcher_run -l ask -d 'ask before a new host is let through'
complete -c launcher -n __launcher_run -x -l map-host -d 'give hosts their addresses'
complete -c launcher -n __launcher_run -l trace -d 'collect what the kernel refuses'
complete -c launcher -n __launcher_run -x -l backend -a 'bubblewrap seatbelt' -d 'use this backend'
complete -c launcher -n __launcher_run -l debug -d 'say what launcher does'
complete -c launcher -n __launcher_run -l dry-run -d 'print the contract and start nothing'
complete -c launcher -n __launcher_run -l exec -d 'replace launcher by the agent: no clean-up'
complete -c launcher -n __launcher_run -l print-program -d 'print what the kernel would enforce and start nothing'
complete -c launcher -n __launcher_run -l quiet -d 'print no contract'
complete -c launcher -n __launcher_run -l strict -d 'refuse where launcher would only notice'
complete -c launcher -n __launcher_run -l version -d 'print the version'
