import type { KnownKeys } from '../shared/file-rules.ts'

/** Keys of settings files (code.claude.com/docs/en/settings-reference, settings index; those of older versions beside them). */
export const CLAUDE_KEYS: KnownKeys = {
  '': [
    ...['$schema', 'advisorModel', 'agent', 'agentPushNotifEnabled', 'allow', 'allowAllClaudeAiMcps', 'allowManagedHooksOnly', 'allowManagedMcpServersOnly', 'allowManagedPermissionRulesOnly', 'allowedChannelPlugins'],
    ...['allowedHttpHookUrls', 'allowedMcpServers', 'alwaysThinkingEnabled', 'apiKeyHelper', 'ask', 'askUserQuestionTimeout', 'attribution', 'autoCompactEnabled', 'autoCompactWindow', 'autoConnectIde'],
    ...['autoContinueAtUsageLimit', 'autoInstallIdeExtension', 'autoMemoryDirectory', 'autoMemoryEnabled', 'autoMode', 'autoScrollEnabled', 'autoUpdates', 'autoUpdatesChannel', 'availableModels', 'awaySummaryEnabled'],
    ...['awsAuthRefresh', 'awsCredentialExport', 'axScreenReader', 'bashEditDiffEnabled', 'bashOutputMaxChars', 'blockedMarketplaces', 'browserExternalPageTools', 'channelsEnabled', 'claudeMd', 'claudeMdExcludes'],
    ...['cleanupPeriodDays', 'companyAnnouncements', 'copyOnSelect', 'crossSessionInbound', 'defaultMode', 'defaultShell', 'deniedMcpServers', 'deny', 'desktopSessionCleanupPeriodDays', 'dialogExpiry', 'diffTool'],
    ...['disableAgentView', 'disableAllHooks', 'disableArtifact', 'disableAutoMode', 'disableBrowserExternalNavigation', 'disableBundledSkills', 'disableClaudeAiConnectors', 'disableCommandPluginSources'],
    ...['disableDeepLinkRegistration', 'disableDesktopLocalSessions', 'disableMobileSimulatorTools', 'disableRemoteControl', 'disableSideloadFlags', 'disableSkillShellExecution', 'disableWorkflows', 'disabledMcpjsonServers'],
    ...['editorMode', 'effortLevel', 'emojiCompletionEnabled', 'enableAllProjectMcpServers', 'enableArtifact', 'enableWorkflows', 'enabledMcpjsonServers', 'enabledPlugins', 'enforceAvailableModels', 'env'],
    ...['externalEditorContext', 'extraKnownMarketplaces', 'fallbackModel', 'fastMode', 'fastModePerSessionOptIn', 'feedbackDrafts', 'feedbackSurveyRate', 'fileCheckpointingEnabled', 'fileSuggestion', 'footerLinksRegexes'],
    ...['forceLoginGatewayUrl', 'forceLoginMethod', 'forceLoginOrgUUID', 'forceRemoteSettingsRefresh', 'gatewayInternalNetworks', 'gcpAuthRefresh', 'hooks', 'httpHookAllowedEnvVars', 'includeCoAuthoredBy'],
    ...['includeGitInstructions', 'inputNeededNotifEnabled', 'isolatePeerMachines', 'keybindingFlavor', 'language', 'managedMcpServers', 'managedSourcesBehavior', 'maxEffortLevel', 'maxProseWidth', 'minimumVersion'],
    ...['model', 'modelOverrides', 'modelPicker', 'modelPricing', 'modelSettings', 'otelHeadersHelper', 'outputStyle', 'parentSettingsBehavior', 'permissionExplainerEnabled', 'permissions', 'plansDirectory'],
    ...['pluginConfigs', 'pluginSuggestionMarketplaces', 'pluginTrustMessage', 'policyHelper', 'prUrlTemplate', 'preferredNotifChannel', 'prefersReducedMotion', 'processWrapper', 'promptCacheTtl'],
    ...['promptSuggestionEnabled', 'remote', 'remoteControlAtStartup', 'requiredMaximumVersion', 'requiredMinimumVersion', 'respectGitignore', 'respondToBashCommands', 'sandbox', 'showClearContextOnPlanAccept'],
    ...['showThinkingSummaries', 'showTurnDuration', 'skillListingBudgetFraction', 'skillListingMaxDescChars', 'skillOverrides', 'skipAutoPermissionPrompt', 'skipDangerousModePermissionPrompt', 'skipWebFetchPreflight'],
    ...['spellcheck', 'spinnerTipsEnabled', 'spinnerTipsOverride', 'spinnerVerbs', 'sshConfigs', 'sshHostAllowlist', 'statusLine', 'strictKnownMarketplaces', 'strictPluginOnlyCustomization', 'subagentPromptCacheTtl'],
    ...['subagentStatusLine', 'switchModelsOnFlag', 'syncClaudeAiPlugins', 'syncClaudeAiSkills', 'syntaxHighlightingDisabled', 'taskOutputMaxChars', 'teammateDefaultModel', 'teammateMode', 'terminalProgressBarEnabled'],
    ...['terminalTitleFromRename', 'theme', 'timeFormat', 'timeZone', 'tui', 'ultracode', 'useAutoModeDuringPlan', 'verbose', 'viewMode', 'vimInsertModeRemaps', 'voice', 'voiceEnabled', 'wheelScrollAccelerationEnabled'],
    ...['workflowKeywordTriggerEnabled', 'workflowSizeGuideline', 'worktree', 'wslInheritsWindowsSettings'],
  ],
  permissions: ['additionalDirectories', 'allow', 'ask', 'blockReadsOutsideWorkingDirectories', 'blockWritesOutsideWorkingDirectories', 'defaultMode', 'deny', 'denyInsteadOfPrompting', 'disableAutoMode', 'disableBypassPermissionsMode'],
  sandbox: [
    ...['allowAppleEvents', 'allowNestedUserNamespaces', 'allowUnsandboxedCommands', 'autoAllowBashIfSandboxed', 'bwrapPath', 'credentials', 'enableWeakerNestedSandbox', 'enableWeakerNetworkIsolation', 'enabled'],
    ...['enabledPlatforms', 'excludedCommands', 'failIfUnavailable', 'filesystem', 'ignoreViolations', 'network', 'ripgrep', 'socatPath'],
  ],
  'sandbox.filesystem': ['allowManagedReadPathsOnly', 'allowRead', 'allowWrite', 'denyRead', 'denyWrite', 'disabled'],
  'sandbox.network': [
    ...['allowAllUnixSockets', 'allowLocalBinding', 'allowMachLookup', 'allowManagedDomainsOnly', 'allowUnixSockets', 'allowedDomains', 'deniedDomains', 'httpProxyPort', 'socksProxyPort', 'strictAllowlist', 'tlsTerminate'],
  ],
}

/** Tools whose names rules may use (code.claude.com/docs/en/tools-reference; the schema of settings in SchemaStore). */
export const CLAUDE_TOOLS: readonly string[] = [
  ...['Agent', 'AskUserQuestion', 'Bash', 'BashOutput', 'Cd', 'Edit', 'EndConversation', 'EnterPlanMode', 'EnterWorktree', 'ExitPlanMode', 'ExitWorktree', 'Glob', 'Grep', 'KillShell', 'LS', 'LSP', 'Monitor', 'MultiEdit'],
  ...['NotebookEdit', 'NotebookRead', 'PowerShell', 'Read', 'SendMessage', 'Skill', 'SlashCommand', 'Task', 'TaskCreate', 'TaskGet', 'TaskList', 'TaskOutput', 'TaskStop', 'TaskUpdate', 'TodoRead', 'TodoWrite', 'ToolSearch'],
  ...['WebFetch', 'WebSearch', 'Write'],
]
