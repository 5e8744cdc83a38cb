import { CONSTANTS } from './constants.ts'

/**
 * How a filter's string is compared: the whole string, its beginning, a path and all beneath it, or
 * an AppleMatch expression.
 */
export type Match = 'equal' | 'prefix' | 'subpath' | 'regex'

/**
 * A filter. `category` decides to which operations it applies; `'*'` is not known and applies
 * everywhere.
 */
export interface FilterEntry {
  readonly category: string
  readonly args: 'string' | 'enum' | 'integer' | 'bits' | 'boolean' | 'network'
  /** Derived filter names; the filter's own name compares the whole string. */
  readonly forms?: Readonly<Record<string, Match>>
  /** Names an enum filter takes (or an integer), and protocols of a network filter. */
  readonly values?: readonly string[]
}

/** Source: libsandbox tables of macOS 10.15 (simbple); filters of category `'*'` from 14.4. */
export const FILTERS: Readonly<Record<string, FilterEntry>> = {
  path: {
    category: 'path',
    args: 'string',
    forms: { 'path-prefix': 'prefix', subpath: 'subpath', 'path-regex': 'regex' },
  },
  'mount-relative-path': {
    category: 'path',
    args: 'string',
    forms: {
      'mount-relative-path-prefix': 'prefix',
      'mount-relative-subpath': 'subpath',
      'mount-relative-path-regex': 'regex',
    },
  },
  xattr: {
    category: 'xattr',
    args: 'string',
    forms: { 'xattr-prefix': 'prefix', 'xattr-regex': 'regex' },
  },
  'file-mode': { category: 'file-mode', args: 'bits' },
  'ipc-posix-name': {
    category: 'posix-ipc',
    args: 'string',
    forms: { 'ipc-posix-name-prefix': 'prefix', 'ipc-posix-name-regex': 'regex' },
  },
  'global-name': {
    category: 'mach',
    args: 'string',
    forms: { 'global-name-prefix': 'prefix', 'global-name-regex': 'regex' },
  },
  'local-name': {
    category: 'mach',
    args: 'string',
    forms: { 'local-name-prefix': 'prefix', 'local-name-regex': 'regex' },
  },
  local: { category: 'network', args: 'network', values: CONSTANTS['local'] },
  remote: { category: 'network', args: 'network', values: CONSTANTS['remote'] },
  'control-name': {
    category: 'network',
    args: 'string',
    forms: { 'control-name-prefix': 'prefix', 'control-name-regex': 'regex' },
  },
  'socket-domain': { category: 'socket', args: 'enum', values: CONSTANTS['socket-domain'] },
  'socket-type': { category: 'socket', args: 'enum', values: CONSTANTS['socket-type'] },
  'socket-protocol': { category: 'socket', args: 'integer' },
  target: { category: 'target', args: 'enum', values: CONSTANTS['target'] },
  'fsctl-command': { category: 'fsctl', args: 'enum', values: CONSTANTS['fsctl-command'] },
  'ioctl-command': { category: 'ioctl', args: 'enum', values: CONSTANTS['ioctl-command'] },
  'iokit-registry-entry-class': {
    category: 'iokit-registry-entry-class',
    args: 'string',
    forms: {
      'iokit-registry-entry-class-prefix': 'prefix',
      'iokit-registry-entry-class-regex': 'regex',
    },
  },
  'iokit-property': {
    category: 'iokit-property',
    args: 'string',
    forms: { 'iokit-property-prefix': 'prefix', 'iokit-property-regex': 'regex' },
  },
  'iokit-connection': {
    category: 'iokit-connection',
    args: 'string',
    forms: { 'iokit-connection-prefix': 'prefix', 'iokit-connection-regex': 'regex' },
  },
  'device-major': { category: 'device', args: 'integer' },
  'device-minor': { category: 'device', args: 'integer' },
  'device-conforms-to': { category: 'device', args: 'string' },
  extension: { category: 'extension', args: 'string' },
  'extension-class': {
    category: 'extension-class',
    args: 'string',
    forms: { 'extension-class-prefix': 'prefix', 'extension-class-regex': 'regex' },
  },
  'appleevent-destination': {
    category: 'ae-destination',
    args: 'string',
    forms: { 'appleevent-destination-prefix': 'prefix', 'appleevent-destination-regex': 'regex' },
  },
  'system-attribute': { category: 'system', args: 'enum', values: CONSTANTS['system-attribute'] },
  'right-name': {
    category: 'auth-right-name',
    args: 'string',
    forms: { 'right-name-prefix': 'prefix', 'right-name-regex': 'regex' },
  },
  'preference-domain': {
    category: 'preference-domain',
    args: 'string',
    forms: { 'preference-domain-prefix': 'prefix', 'preference-domain-regex': 'regex' },
  },
  'vnode-type': { category: 'vnode-type', args: 'enum', values: CONSTANTS['vnode-type'] },
  '%entitlement-load': { category: 'process', args: 'string' },
  '%entitlement-boolean': { category: 'process', args: 'boolean' },
  '%entitlement-string': {
    category: 'process',
    args: 'string',
    forms: { '%entitlement-string-prefix': 'prefix', '%entitlement-string-regex': 'regex' },
  },
  'kext-bundle-id': {
    category: 'kext-bundle-id',
    args: 'string',
    forms: { 'kext-bundle-id-prefix': 'prefix', 'kext-bundle-id-regex': 'regex' },
  },
  'info-type': {
    category: 'info',
    args: 'string',
    forms: { 'info-type-prefix': 'prefix', 'info-type-regex': 'regex' },
  },
  'notification-name': {
    category: 'notification',
    args: 'string',
    forms: { 'notification-name-prefix': 'prefix', 'notification-name-regex': 'regex' },
  },
  'notification-payload': { category: 'notification', args: 'boolean' },
  'semaphore-owner': { category: 'semaphore', args: 'enum', values: CONSTANTS['semaphore-owner'] },
  'sysctl-name': {
    category: 'sysctl',
    args: 'string',
    forms: { 'sysctl-name-prefix': 'prefix', 'sysctl-name-regex': 'regex' },
  },
  'process-path': {
    category: 'process',
    args: 'string',
    forms: {
      'process-path-prefix': 'prefix',
      'process-subpath': 'subpath',
      'process-path-regex': 'regex',
    },
  },
  'rootless-boot-device-filter': { category: 'nvram', args: 'boolean' },
  'rootless-disk-filter': { category: 'path', args: 'boolean' },
  'privilege-id': { category: 'priv', args: 'enum', values: CONSTANTS['privilege-id'] },
  'process-attribute': {
    category: 'process',
    args: 'enum',
    values: CONSTANTS['process-attribute'],
  },
  uid: { category: 'process', args: 'integer' },
  'nvram-variable': {
    category: 'nvram',
    args: 'string',
    forms: { 'nvram-variable-prefix': 'prefix', 'nvram-variable-regex': 'regex' },
  },
  csr: { category: 'system', args: 'enum', values: CONSTANTS['csr'] },
  'host-special-port': {
    category: 'mach-special-port',
    args: 'enum',
    values: CONSTANTS['host-special-port'],
  },
  'filesystem-name': {
    category: 'fs',
    args: 'string',
    forms: { 'filesystem-name-prefix': 'prefix', 'filesystem-name-regex': 'regex' },
  },
  'boot-arg': {
    category: 'boot-arg',
    args: 'string',
    forms: { 'boot-arg-prefix': 'prefix', 'boot-arg-regex': 'regex' },
  },
  'xpc-service-name': {
    category: 'mach',
    args: 'string',
    forms: { 'xpc-service-name-prefix': 'prefix', 'xpc-service-name-regex': 'regex' },
  },
  'signing-identifier': {
    category: 'process',
    args: 'string',
    forms: { 'signing-identifier-prefix': 'prefix', 'signing-identifier-regex': 'regex' },
  },
  'signal-number': { category: 'signal', args: 'enum', values: CONSTANTS['signal-number'] },
  'target-signing-identifier': {
    category: 'target',
    args: 'string',
    forms: {
      'target-signing-identifier-prefix': 'prefix',
      'target-signing-identifier-regex': 'regex',
    },
  },
  'reboot-flags': { category: 'reboot-flags', args: 'bits' },
  'datavault-disk-filter': { category: 'path', args: 'boolean' },
  'extension-path-ancestor': { category: 'extension', args: 'boolean' },
  'file-attribute': { category: 'path', args: 'enum', values: CONSTANTS['file-attribute'] },
  'storage-class': { category: 'path', args: 'string' },
  'storage-class-extension': { category: 'extension', args: 'boolean' },
  'iokit-usb-interface-class': {
    category: 'iokit-registry-entry-class',
    args: 'enum',
    values: CONSTANTS['iokit-usb-interface-class'],
  },
  'iokit-usb-interface-subclass': {
    category: 'iokit-registry-entry-class',
    args: 'enum',
    values: CONSTANTS['iokit-usb-interface-subclass'],
  },
  'ancestor-signing-identifier': {
    category: 'process',
    args: 'string',
    forms: {
      'ancestor-signing-identifier-prefix': 'prefix',
      'ancestor-signing-identifier-regex': 'regex',
    },
  },
  'require-ancestor-with-entitlement': { category: 'process', args: 'string' },
  'persona-type': { category: 'process', args: 'enum', values: CONSTANTS['persona-type'] },
  'syscall-number': { category: 'syscall', args: 'enum', values: CONSTANTS['syscall-number'] },
  'syscall-mask': { category: 'syscall', args: 'enum', values: CONSTANTS['syscall-number'] },
  'require-target-with-entitlement': { category: 'target', args: 'string' },
  'iokit-registry-entry-attribute': {
    category: 'iokit-registry-entry-class',
    args: 'enum',
    values: CONSTANTS['iokit-registry-entry-attribute'],
  },
  'user-intent-extension': { category: 'extension', args: 'boolean' },
  'mac-policy-name': { category: '*', args: 'string' },
  'mac-syscall-number': { category: '*', args: 'integer' },
  'fcntl-command': { category: '*', args: 'integer' },
  'machtrap-number': { category: '*', args: 'integer' },
  'kernel-mig-routine': { category: '*', args: 'integer' },
  'message-number': { category: '*', args: 'integer' },
  'iokit-method-number': { category: '*', args: 'integer' },
  'iokit-trap-number': { category: '*', args: 'integer' },
  'iokit-user-client-type': { category: '*', args: 'integer' },
  'socket-option-level': { category: '*', args: 'integer' },
  'socket-option-name': { category: '*', args: 'integer' },
  'task-special-port': { category: '*', args: 'integer' },
  'necp-client-action': { category: '*', args: 'integer' },
}

/** Other accepted spellings of filters. */
export const FILTER_ALIASES: Readonly<Record<string, string>> = {
  literal: 'path',
  'path-literal': 'path',
  record: 'path',
  prefix: 'path-prefix',
  regex: 'path-regex',
  'mount-relative-literal': 'mount-relative-path',
  'mount-relative-regex': 'mount-relative-path-regex',
  from: 'local',
  to: 'remote',
  'granted-extensions': 'extension',
  'mach-extension': 'extension',
  'iokit-user-client-class': 'iokit-registry-entry-class',
  'iokit-user-client-class-regex': 'iokit-registry-entry-class-regex',
}
