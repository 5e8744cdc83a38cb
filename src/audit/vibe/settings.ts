import type { Setting } from '../model.ts'
import { leavesOf, settingText } from '../shared/settings.ts'
import type { VibeFacts } from './facts.ts'

/** Values that may hold a key, by the name of the setting. */
const SECRET = /key|token|secret|password|header|(^|\.)env(\.|$)/i

/** Every value that is not a default, with its layer; what may be a secret is shown as `…`. */
export const settingsOf = ({ config, agent }: VibeFacts): Setting[] =>
  leavesOf(config.values).flatMap((leaf) => {
    const layer = config.layerOf(leaf.path)
    return layer === 'defaults'
      ? []
      : [
          {
            key: leaf.path.join('.'),
            value: settingText(leaf, SECRET),
            layer: layer === 'agent-profile' ? `agent ${agent.name}` : layer,
          },
        ]
  })
