/** Runs schemathesis against an API, with ids that exist among those that it makes up. */
import { execFile } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { createServer, request as forward } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { projectRoot } from '../../schemas/root.js'

const hooks = join(projectRoot, 'test/fuzz/hooks.py')
const program = join(projectRoot, '.venv/fuzz/bin/schemathesis')

/** Why it can't be run here, or false. */
export const noSchemathesis = (): string | false => (existsSync(program) ? false : 'tools/python/setup.sh fuzz installs schemathesis')

const EVENT_STREAM = /^text\/event-stream/
const SHOWN_OF_A_STREAM_MS = 30

/** Stands before the API: an event stream ends after its beginning, for schemathesis waits until an answer ends. */
export async function endingStreams(t: { teardown(callback: () => void): void }, url: string): Promise<string> {
  const server = createServer({ maxHeaderSize: 1 << 20 }, (incoming, outgoing) => {
    const { method, headers, url: path } = incoming
    const asked = forward(url, { path, method, headers }, answer => {
      outgoing.writeHead(answer.statusCode!, answer.headers)
      answer.pipe(outgoing)
      if (!EVENT_STREAM.test(answer.headers['content-type'] ?? '')) return
      setTimeout(() => {
        answer.destroy()
        outgoing.end()
      }, SHOWN_OF_A_STREAM_MS)
    })
    asked.on('error', () => outgoing.destroy())
    incoming.pipe(asked)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

export interface FuzzOptions {
  readonly url: string
  /** Its configuration goes there. */
  readonly directory: string
  readonly authorization: string
  readonly seed: string
  /** Of each operation, and as many that are to be refused. */
  readonly cases: string
  /** Values that exist, by parameter: path.user_id, body.user_ids[*], ... Every second one is taken from them. */
  readonly known: Readonly<Record<string, readonly string[]>>
}

/** Resolves to what it printed, and to whether every check of every answer held. */
export async function schemathesis(options: FuzzOptions): Promise<{ passed: boolean; output: string }> {
  const { url, authorization, seed, cases } = options
  const config = join(options.directory, 'schemathesis.toml')
  writeFileSync(config, configuration(options.known))
  // It would not wait for longer than ten seconds.
  const document = join(options.directory, 'openapi.json')
  writeFileSync(document, await (await fetch(`${url}/openapi.json`)).text())
  const run = ['--config-file', config, '--no-color', 'run', document, '--url', url, '--header', `Authorization: ${authorization}`]
  const how = ['--phases', 'examples,coverage,fuzzing', '--max-examples', cases, '--seed', seed]
  const rest = ['--continue-on-failure', '--warnings', 'off', '--request-timeout', '60', '--suppress-health-check', 'all']
  return new Promise(resolve => {
    execFile(
      program,
      [...run, ...how, ...rest, '--generation-database', 'none'],
      { cwd: options.directory, maxBuffer: 64 << 20, env: { ...process.env, SCHEMATHESIS_HOOKS: hooks } },
      (error, stdout, stderr) => resolve({ passed: error === null, output: reportOf(`${stdout}${stderr}`) })
    )
  })
}

/** Without the progress before it. */
const reportOf = (output: string): string => output.slice(Math.max(0, output.search(/=+ (ERRORS|FAILURES|SUMMARY) =+/)))

/** What is too long for headers is refused with 431, which schemathesis does not expect. */
const LENIENT = ['spotifyCallback']
/** What stands at the place of an id: by another method it is taken for one. */
const AMONG_IDS = ['retryDeadLetters']
/** Whose valid requests may be refused: a way back from elsewhere, lines that are no JSON document, keys whose number depends on their section. */
const MAY_REFUSE = ['spotifyCallback', 'ingest', 'repairCut']

function configuration(known: FuzzOptions['known']): string {
  const entries = Object.entries(known)
  return [
    ...entries.map(([, values], i) => `[dictionaries.d${i}]\nvalues = ${JSON.stringify(values)}`),
    '[parameters]',
    ...entries.map(([name], i) => `"${name}" = { dictionary = "d${i}", probability = 0.5 }`),
    ...MAY_REFUSE.map(id => `[[operations]]\ninclude-operation-id = "${id}"\nchecks.positive_data_acceptance.enabled = false`),
    ...AMONG_IDS.map(id => `[[operations]]\ninclude-operation-id = "${id}"\nchecks.unsupported_method.enabled = false`),
    ...LENIENT.map(id => `[[operations]]\ninclude-operation-id = "${id}"\nchecks.negative_data_rejection.enabled = false`)
  ].join('\n')
}
