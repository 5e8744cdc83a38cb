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
    __launcher_command explain profiles run; and not contains -- -- (commandline -opc)
end

function __launcher_run
    __launcher_command run; and not contains -- -- (commandline -opc)
end

function __launcher_profiles
    command launcher profiles --names 2>/dev/null
end

complete -c launcher -n __launcher_no_command -f -a 'demo explain help init profiles run sbpl'
complete -c launcher -n __launcher_no_command -f -l help -d 'how to use it'
complete -c launcher -n __launcher_no_command -f -l version -d 'print the version'

complete -c launcher -n '__launcher_command explain profiles' -a '(__launcher_profiles)'
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
complete -c launcher -n __launcher_policy -r -l write -d 'let the agent write a path'

complete -c launcher -n __launcher_run -x -l backend -a 'bubblewrap seatbelt' -d 'use this backend'
complete -c launcher -n __launcher_run -l debug -d 'say what launcher does'
complete -c launcher -n __launcher_run -l dry-run -d 'print the contract and start nothing'
complete -c launcher -n __launcher_run -l exec -d 'replace launcher by the agent: no clean-up'
complete -c launcher -n __launcher_run -l print-program -d 'print what the kernel would enforce and start nothing'
complete -c launcher -n __launcher_run -l quiet -d 'print no contract'
complete -c launcher -n __launcher_run -l strict -d 'refuse where launcher would only notice'
complete -c launcher -n __launcher_run -l version -d 'print the version'
