/**
 * `schemas/history/<name>/<n>.avsc` holds every version of a schema that was ever accepted: topics are full of records written
 * with them. The check fails where a schema can't read one of them (BACKWARD_TRANSITIVE), or was changed without being
 * accepted. With `--accept`: generates the code and appends the version.
 */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { incompatibilities } from './compatibility.js'
import { generate } from './generate.js'
import { identityOf } from './identity.js'
import { projectRoot } from './root.js'
import { type AvroRecord, readSchema, schemaNames } from './sources.js'

const historyDirectory = join(projectRoot, 'schemas', 'history')

/** The accepted versions of a schema, oldest first. */
export function readHistory(name: string, directory: string = historyDirectory): AvroRecord[] {
  const versions = join(directory, name)
  if (!existsSync(versions)) return []
  return readdirSync(versions)
    .map(file => Number.parseInt(file, 10))
    .sort((a, b) => a - b)
    .map(version => readSchema(String(version), versions))
}

/** Why a schema can't follow these versions, a sentence each. */
export const broken = (name: string, schema: AvroRecord, history: readonly AvroRecord[]): string[] =>
  history.flatMap((version, i) =>
    incompatibilities(schema, version).map(problem => `schemas/avro/${name}.avsc can't read its version ${i + 1}: ${problem}`)
  )

export const isAccepted = (schema: AvroRecord, history: readonly AvroRecord[]): boolean =>
  history.some(version => identityOf(version) === identityOf(schema))

function check(name: string): string[] {
  const schema = readSchema(name)
  const history = readHistory(name)
  const problems = broken(name, schema, history)
  if (problems.length > 0 || isAccepted(schema, history)) return problems
  return [`schemas/avro/${name}.avsc was changed: run \`npm run schemas:accept\` and commit what it writes.`]
}

function accept(name: string): string[] {
  const schema = readSchema(name)
  const history = readHistory(name)
  const problems = broken(name, schema, history)
  if (problems.length > 0 || isAccepted(schema, history)) return problems
  const versions = join(historyDirectory, name)
  mkdirSync(versions, { recursive: true })
  const file = join(versions, `${history.length + 1}.avsc`)
  writeFileSync(file, `${JSON.stringify(schema, null, 2)}\n`)
  console.log(`Accepted: ${file}`)
  return []
}

if (import.meta.filename === process.argv[1]) {
  const accepting = process.argv.includes('--accept')
  const problems = schemaNames().flatMap(accepting ? accept : check)
  for (const problem of problems) console.error(problem)
  if (problems.length > 0) process.exitCode = 1
  else if (accepting) generate()
}
