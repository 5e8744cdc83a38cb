import { type Changes, compareReleases, type Release, releaseOf } from './version-order.ts'

/**
 * Keys of the top level of config.toml that a release reads, alphabetical. Vibe ignores every other
 * without a word (it warns from 3.0.3 on).
 */
export const keysAt = (release: Release): string[] => {
  const events = [
    ...ADDED.map(([since, keys]) => ({ since, keys, isAdded: true })),
    ...REMOVED.map(([since, keys]) => ({ since, keys, isAdded: false })),
  ]
    .map((event) => ({ ...event, release: releaseOf(event.since) ?? release }))
    .filter((event) => compareReleases(event.release, release) <= 0)
    .sort((a, b) => compareReleases(a.release, b.release))
  const keys = new Set<string>()
  for (const event of events)
    for (const key of event.keys.split(' ')) event.isAdded ? keys.add(key) : keys.delete(key)
  return [...keys].sort()
}

/** Every key that some release read. */
export const keysEver = (): string[] =>
  [...new Set(ADDED.flatMap(([, keys]) => keys.split(' ')))].sort()

/** Keys by the release that brought them. */
const ADDED: Changes<string> = [
  [
    '1.0.0',
    'active_model api_timeout auto_compact_threshold context_warnings disable_welcome_banner_animation disabled_tools displayed_workdir enable_update_checks enabled_tools include_model_info include_project_context include_prompt_detail instructions mcp_servers models project_context providers session_logging system_prompt_id textual_theme tool_paths tools vim_keybindings workdir',
  ],
  ['1.1.1', 'include_commit_signature'],
  ['1.3.0', 'skill_paths'],
  [
    '2.0.0',
    'agent_paths auto_approve disabled_agents disabled_skills enable_auto_update enabled_agents enabled_skills',
  ],
  [
    '2.1.0',
    'autocopy_to_clipboard nuage_api_key_env_var nuage_base_url nuage_enabled nuage_workflow_id',
  ],
  ['2.2.0', 'enable_telemetry file_watcher_for_autocomplete'],
  ['2.3.0', 'enable_notifications'],
  ['2.4.2', 'nuage_task_queue'],
  [
    '2.5.0',
    'active_transcribe_model compaction_model installed_agents transcribe_models transcribe_providers voice_mode_enabled',
  ],
  ['2.6.0', 'active_tts_model enable_otel narrator_enabled otel_endpoint tts_models tts_providers'],
  ['2.8.0', 'nuage_project_name'],
  [
    '2.9.0',
    'bypass_tool_permissions connectors enable_experimental_hooks vibe_code_api_key_env_var vibe_code_base_url vibe_code_enabled vibe_code_project_name vibe_code_task_queue vibe_code_workflow_id',
  ],
  ['2.9.5', 'default_agent'],
  [
    '2.10.0',
    'console_base_url enable_connectors enable_experimental_browser_sign_in experiment_overrides experiments',
  ],
  ['2.11.0', 'theme vibe_code_experimental_nuage_enabled'],
  ['2.11.1', 'compaction_prompt_id'],
  ['2.12.1', 'vibe_code_sessions_base_url'],
  ['2.13.0', 'enable_system_trust_store vibe_base_url'],
  ['2.15.0', 'applied_migrations'],
  ['2.17.0', 'api_retry_max_elapsed_time raise_on_compaction_failure'],
  ['2.18.0', 'experimental_enable_registry_skills'],
  ['2.18.3', 'ask_confirmation_on_exit'],
  [
    '2.19.1',
    'enable_config_orchestrator experimental_bash_tool experimental_vibe_code_project_picker_enabled',
  ],
  ['2.20.0', 'experimental_teleport_context_summary'],
  ['2.21.0', 'otel_redaction'],
  ['2.22.0', 'enable_auto_update'],
  ['2.23.0', 'show_thinking_nodes'],
  ['2.24.0', 'managed_shell_tools_enabled routed_default_model routed_model_config show_greeting'],
  ['2.24.1', 'allowed_models'],
  [
    '2.25.0',
    'api_connect_timeout api_pool_timeout api_write_timeout experimental_enable_tab_status log_level routed_extra_models smart_approve_available smart_approve_default worktree_limit',
  ],
  ['2.25.5', 'show_subagent_status_list'],
  ['2.25.7', 'vision_model'],
  [
    '2.26.0',
    'api_stream_idle_timeout cursor_blink enable_background_processes enable_subagents experimental_enable_document_library_connector experimental_enable_model_catalog title_prompt_id utility_models',
  ],
  [
    '3.0.0',
    'catalog_model_aliases catalog_recommended_model compaction_max_output_tokens compaction_reasoning_limit_tokens compaction_thinking enable_auto_approve enable_mcp output_limit_retries output_token_reserve',
  ],
  ['3.0.2', 'enable_mouse_capture max_concurrent_subagents max_subagents'],
  [
    '3.0.3',
    'experimental_enable_pr_discovery experimental_enable_pr_monitoring outside_workdir strict_config',
  ],
]

/** Keys by the release that dropped them. */
const REMOVED: Changes<string> = [
  ['2.0.0', 'instructions workdir'],
  ['2.1.0', 'textual_theme'],
  [
    '2.9.0',
    'auto_approve nuage_api_key_env_var nuage_base_url nuage_enabled nuage_project_name nuage_task_queue nuage_workflow_id',
  ],
  ['2.11.1', 'enable_experimental_browser_sign_in'],
  ['2.12.1', 'vibe_code_experimental_nuage_enabled vibe_code_task_queue'],
  ['2.14.1', 'enable_auto_update'],
  ['2.17.0', 'vibe_code_base_url vibe_code_workflow_id'],
  ['2.18.3', 'vim_keybindings'],
  ['2.20.0', 'experimental_vibe_code_project_picker_enabled vibe_code_project_name'],
  ['2.21.0', 'enable_experimental_hooks'],
  ['2.22.0', 'enable_config_orchestrator experimental_teleport_context_summary'],
  ['2.23.0', 'experiment_overrides experimental_bash_tool'],
  ['2.25.7', 'vibe_code_api_key_env_var vibe_code_enabled'],
  ['3.0.3', 'compaction_max_output_tokens compaction_thinking output_token_reserve'],
]
