declare module 'autocannon' {
  interface Client {
    setRequests(requests: readonly { path: string }[]): void
  }
  interface Result {
    requests: { total: number; average: number }
    latency: { p50: number; p99: number }
    non2xx: number
    errors: number
    duration: number
  }
  interface Options {
    url: string
    connections: number
    duration: number
    setupClient?: (client: Client) => void
  }
  export default function autocannon(options: Options): Promise<Result>
}
