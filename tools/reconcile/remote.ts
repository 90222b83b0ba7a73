/** A running instance's part in a reconciliation, over HTTP. */
import {
  type CutState,
  type Difference,
  type PartitionOffset,
  type Reconciliation,
  ReconciliationRefused,
  type Resumed,
  type StreamTable,
  type Verdict
} from '../../api/reconciliation.js'

/** @throws ReconciliationRefused where the instance refuses or does not answer, with its address */
export function remoteReconciliation(url: string, apiKey: string | undefined): Reconciliation {
  const ask = async (method: string, path: string, body?: object): Promise<Response> => {
    const authorization = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
    const json = body === undefined ? {} : { 'content-type': 'application/json' }
    const response = await fetch(`${url}/v1/operations/${path}`, {
      method,
      headers: { ...authorization, ...json },
      ...(body && { body: JSON.stringify(body) })
    }).catch((error: Error) => {
      throw new ReconciliationRefused(`${url} did not answer (${error.cause instanceof Error ? error.cause.message : error.message}).`)
    })
    if (response.ok) return response
    throw new ReconciliationRefused(`${url} answered ${response.status}: ${detailOf(await response.text())}`)
  }
  const json = async <T>(method: string, path: string, body?: object) => (await (await ask(method, path, body)).json()) as T
  return {
    hold: limitMs => json<CutState>('POST', 'cut', { max_pause_ms: limitMs }),
    snapshot: () => json<CutState>('POST', 'cut/snapshot'),
    resume: () => json<Resumed>('POST', 'cut/resume'),
    rows: table => lines(ask('GET', `cut/rows/${table satisfies StreamTable}`)),
    drop: async () => void (await ask('DELETE', 'cut')),
    flushLake: async () => (await json<{ offsets: PartitionOffset[] | null }>('POST', 'cut/lake')).offsets,
    repair: async (differences: readonly Difference[]) => void (await ask('POST', 'cut/repairs', { differences })),
    verdicts: async limit => (await json<{ reconciliations: Verdict[] }>('GET', `reconciliations?limit=${limit}`)).reconciliations
  }
}

async function* lines(response: Promise<Response>): AsyncIterable<string> {
  const decoder = new TextDecoder()
  for await (const bytes of (await response).body ?? []) yield decoder.decode(bytes, { stream: true })
}

function detailOf(body: string): string {
  try {
    return String((JSON.parse(body) as { detail?: unknown }).detail ?? body)
  } catch {
    return body
  }
}
