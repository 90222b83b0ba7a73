/** Topics of an application that runs beside another one on the same brokers. */
import { factTopics, topicNames } from '../schemas/catalogue.js'
import { changelogSpecs } from '../streams/application.js'
import { segueTopology } from './topology.js'

export const DEFAULT_APPLICATION_ID = 'segue'

/** Ours to those on the brokers: another application than the usual one reads the same input and has all else for itself. */
export function derivedNames(applicationId: string): Map<string, string> {
  const inputs = new Set<string>(factTopics)
  const own = applicationId === DEFAULT_APPLICATION_ID ? [] : topicNames.filter(name => !inputs.has(name))
  return new Map(own.map(name => [name, `${applicationId}.${name}`]))
}

/** All of them, the input too. */
export const privateNames = (applicationId: string): Map<string, string> =>
  new Map(topicNames.map(name => [name, `${applicationId}.${name}`]))

export const changelogNames = (applicationId: string, partitions: number): string[] =>
  changelogSpecs(applicationId, segueTopology(partitions)).map(({ name }) => name)
