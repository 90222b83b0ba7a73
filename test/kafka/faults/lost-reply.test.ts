import { connect } from 'node:net'
import t from 'tap'
import { readConfig } from '../../../config.js'
import { KafkaLog } from '../../../streams/log/kafka/log.js'
import { renamedLog } from '../../../streams/log/renamed-log.js'
import { createProcessing } from '../../../tools/embedded.js'
import { privateNames } from '../../../tools/topic-names.js'
import { TestApplication } from '../application.js'
import { brokers } from '../harness.js'
import { END_TXN, type Fate, FaultyProxy } from '../proxy.js'

for (const lost of ['lose reply', 'lose request'] as const)
  t.test(`commits whose outcome is unknown (${lost}) are neither lost nor doubled`, async t => {
    const application = new TestApplication(t, { MAX_COMMIT_RECORDS: '50' })
    const base = await application.base()
    let commits = 0
    const fate = (apiKey: number): Fate => (apiKey === END_TXN && ++commits % 7 === 0 ? lost : 'pass')
    const [host, port] = brokers()[0]!.split(':') as [string, string]
    const proxy = new FaultyProxy({ host, port: Number(port) }, fate)
    const proxied = await proxy.listen()
    const socketFactory = ({ onConnect }: { onConnect: () => void }) =>
      connect({ host: '127.0.0.1', port: proxied }, onConnect).setNoDelay(true)
    const log = renamedLog(new KafkaLog({ brokers: brokers(), clientId: 'segue-test', socketFactory }), privateNames(application.id))
    const config = readConfig({ ...process.env, ...application.environment('here') })
    const notices: string[] = []
    const failures: unknown[] = []
    const hooks = { onNotice: (sentence: string) => notices.push(sentence), onFailure: (error: unknown) => failures.push(error) }
    const processing = createProcessing(config, { ...base, log }, hooks)
    await processing.application.start()
    t.teardown(async () => {
      await processing.application.close()
      await log.close()
      await proxy.close()
    })
    await application.produce('awkward', 20, 100)
    await application.expect('awkward')
    t.same(failures, [])
    t.ok(proxy.lost > 5, `${proxy.lost} of ${commits} commits were disturbed`)
    t.ok(notices.some(sentence => sentence.includes('not known whether')))
  })
