/** What operators look at and mend, composed. */
import type { Chaos, Diagnosis } from '../api/diagnosis.js'
import type { Lag } from '../api/operations.js'
import type { Config } from '../config.js'
import type { View } from '../state/view/view.js'
import type { StreamsApplication } from '../streams/application.js'
import { audit } from './audit.js'
import type { Base } from './embedded.js'
import { openJourneys } from './journeys.js'
import { openDeadLetters } from './letters.js'

export interface DiagnosisParts {
  readonly config: Pick<Config, 'applicationId' | 'page'>
  readonly base: Pick<Base, 'log' | 'codec' | 'partitions'>
  readonly view: View
  /** Undefined: the tasks run in other processes. */
  readonly application: Pick<StreamsApplication, 'crash'> | undefined
  readonly lag: () => Promise<Lag>
}

export function openDiagnosis({ config, base, view, application, lag }: DiagnosisParts): Diagnosis {
  const { log, codec, partitions } = base
  const waiting = async () => {
    const { tasks, view } = await lag()
    return [...tasks, ...view].reduce((sum, { records }) => sum + records, 0)
  }
  return {
    letters: openDeadLetters({ log, codec, partitions }),
    journeys: openJourneys({ log, codec, view, partitions, applicationId: config.applicationId }),
    audit: () => audit({ log, view, partitions, waiting }),
    chaos: config.page.chaos ? openChaos(application) : undefined
  }
}

const openChaos = (application: DiagnosisParts['application']): Chaos => ({
  async crash(unit, partition, stateLost) {
    const started = performance.now()
    const crashed = await application?.crash({ unit, partition }, stateLost)
    return crashed ? Math.round(performance.now() - started) : undefined
  }
})
