# Needs nothing but bash 3.2, which macOS has. Source it, or `eval "$(launcher init bash)"`.

_launcher_complete_words() {
  local word
  while IFS= read -r word; do
    [[ -n $word && $word == "$1"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
  done
}

# Not compgen -W: that would run what stands in a name.
_launcher_profiles() {
  _launcher_complete_words "$1" < <(command launcher profiles --names 2>/dev/null)
}

_launcher_files() {
  compopt -o filenames 2>/dev/null
  local word
  while IFS= read -r word; do
    COMPREPLY+=("$word")
  done < <(compgen "$1" -- "$2")
}

_launcher_list() {
  local current=$1
  shift
  _launcher_complete_words "$current" < <(printf '%s\n' "$@")
}

_launcher() {
  local current=${COMP_WORDS[COMP_CWORD]} previous= command=${COMP_WORDS[1]-} word index
  local policy_flags='--allow-broad-project --allow-host --connect --env --json --lift --listen --network --none --profile --project --read --settings-copy --write'
  local run_flags='--ask --backend --debug --dry-run --exec --map-host --print-program --quiet --strict --trace --version'
  local audit_flags='--agent-version --all --explain --fail-on --fix --format --sarif'
  COMPREPLY=()
  ((COMP_CWORD > 0)) && previous=${COMP_WORDS[COMP_CWORD - 1]}

  if ((COMP_CWORD == 1)); then
    _launcher_list "$current" audit demo doctor explain help init learn migrate net profiles run sbpl verify --help --version
    return
  fi

  # The words after -- belong to the agent.
  if [[ $command == run ]]; then
    for ((index = 2; index < COMP_CWORD; index++)); do
      if [[ ${COMP_WORDS[index]} == -- ]]; then
        _launcher_files -f "$current"
        return
      fi
    done
  fi

  case $previous in
    --profile)
      _launcher_profiles "$current"
      _launcher_files -f "$current"
      return ;;
    --project) _launcher_files -d "$current"; return ;;
    --connect | --lift | --none | --read | --write) _launcher_files -f "$current"; return ;;
    --network) _launcher_list "$current" none allowlist any host; return ;;
    --format) _launcher_list "$current" claude codex opencode vibe; return ;;
    --fail-on) _launcher_list "$current" critical high info low medium; return ;;
    --backend) _launcher_list "$current" bubblewrap seatbelt; return ;;
    --agent-version | --allow-host | --exit | --listen | --map-host) return ;;
    --env)
      while IFS= read -r word; do COMPREPLY+=("$word"); done < <(compgen -e -- "$current")
      return ;;
  esac

  if [[ $current == -* ]]; then
    case $command in
      run) _launcher_list "$current" $policy_flags $run_flags ;;
      explain) _launcher_list "$current" $policy_flags --exec --exit --program ;;
      audit) _launcher_list "$current" $policy_flags $audit_flags ;;
      learn) _launcher_list "$current" $policy_flags --yes ;;
      migrate) _launcher_list "$current" --json --yes ;;
      verify) _launcher_list "$current" $policy_flags ;;
      net) _launcher_list "$current" $policy_flags --follow --lulu ;;
      profiles) _launcher_list "$current" $policy_flags --names ;;
      *) _launcher_list "$current" --json ;;
    esac
    return
  fi

  case $command in
    run | learn | migrate | verify) _launcher_profiles "$current" ;;
    audit) _launcher_files -f "$current" ;;
    net)
      if ((COMP_CWORD == 2)); then _launcher_list "$current" approve check export log; elif [[ ${COMP_WORDS[2]} == export ]]; then _launcher_profiles "$current"; fi ;;
    explain)
      ((COMP_CWORD == 2)) && _launcher_list "$current" env host log path profile socket target
      _launcher_profiles "$current"
      _launcher_files -f "$current" ;;
    profiles)
      if ((COMP_CWORD == 2)); then _launcher_list "$current" list show; else _launcher_profiles "$current"; fi ;;
    init) _launcher_list "$current" bash fish zsh ;;
    sbpl) _launcher_files -f "$current" ;;
  esac
}

complete -F _launcher launcher
