# For ~/.zshrc: `source …/shell/vibe.zsh`. Every `vibe` then runs under launcher; `command vibe` is the agent itself.
# `eval "$(launcher init zsh)"` does the same for every agent that is installed, and adds the completion.
vibe() { command launcher run vibe -- "$@" }
