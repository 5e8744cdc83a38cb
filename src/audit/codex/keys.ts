import type { KnownKeys } from '../shared/file-rules.ts'

const COMMON = ['approval_policy', 'approvals_reviewer', 'analytics', 'chatgpt_base_url', 'experimental_compact_prompt_file', 'experimental_use_unified_exec_tool', 'features', 'include_apply_patch_tool', 'model', 'model_catalog_json', 'model_instructions_file', 'model_provider', 'model_reasoning_effort', 'model_reasoning_summary', 'model_verbosity', 'oss_provider', 'personality', 'plan_mode_reasoning_effort', 'sandbox_mode', 'service_tier', 'tools', 'tui', 'web_search', 'windows']

/** Keys of config.toml (codex-rs/core/config.schema.json of openai/codex; a few of older versions beside them). */
export const CODEX_KEYS: KnownKeys = {
  '': [
    ...COMMON,
    ...['agents', 'allow_login_shell', 'apps', 'apps_mcp_product_sku', 'audio', 'auto_review', 'background_terminal_max_timeout', 'check_for_update_on_startup', 'cli_auth_credentials_store', 'compact_prompt', 'debug'],
    ...['default_permissions', 'desktop', 'developer_instructions', 'disable_paste_burst', 'experimental_instructions_file', 'experimental_realtime_start_instructions', 'experimental_realtime_ws_backend_prompt'],
    ...['experimental_realtime_ws_base_url', 'experimental_realtime_ws_model', 'experimental_realtime_ws_startup_context', 'experimental_thread_config_endpoint', 'experimental_thread_store', 'feedback', 'file_opener'],
    ...['forced_chatgpt_workspace_id', 'forced_login_method', 'ghost_snapshot', 'hide_agent_reasoning', 'history', 'hooks', 'include_apps_instructions', 'include_collaboration_mode_instructions'],
    ...['include_environment_context', 'include_permissions_instructions', 'instructions', 'log_dir', 'marketplaces', 'mcp_oauth_callback_port', 'mcp_oauth_callback_url', 'mcp_oauth_credentials_store', 'mcp_servers'],
    ...['memories', 'model_auto_compact_token_limit', 'model_auto_compact_token_limit_scope', 'model_context_window', 'model_max_output_tokens', 'model_providers', 'model_supports_reasoning_summaries', 'notice'],
    ...['notify', 'openai_base_url', 'otel', 'permissions', 'plugins', 'preferred_auth_method', 'profile', 'profiles', 'project_doc_fallback_filenames', 'project_doc_max_bytes', 'project_root_markers', 'projects'],
    ...['realtime', 'review_model', 'sandbox_workspace_write', 'shell_environment_policy', 'show_raw_agent_reasoning', 'skills', 'sqlite_home', 'suppress_unstable_features_warning', 'tool_output_token_limit'],
    ...['tool_suggest'],
  ],
  history: ['max_bytes', 'persistence'],
  'mcp_servers.*': [
    ...['args', 'bearer_token_env_var', 'command', 'cwd', 'default_tools_approval_mode', 'disabled_tools', 'enabled', 'enabled_tools', 'env', 'env_http_headers', 'env_vars', 'environment_id', 'http_headers', 'name', 'oauth'],
    ...['oauth_resource', 'required', 'scopes', 'startup_timeout_ms', 'startup_timeout_sec', 'supports_parallel_tool_calls', 'tool_timeout_sec', 'tools', 'url'],
  ],
  'projects.*': ['trust_level'],
  sandbox_workspace_write: ['allow_limited_git_writes', 'exclude_slash_tmp', 'exclude_tmpdir_env_var', 'network_access', 'writable_roots'],
  shell_environment_policy: ['exclude', 'experimental_use_profile', 'filters', 'ignore_default_excludes', 'include_only', 'inherit', 'set'],
}
