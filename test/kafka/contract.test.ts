import t from 'tap'
import { logContract } from '../contract/log.js'
import { kafkaHarness } from './harness.js'

t.test('Kafka', async t => logContract(t, kafkaHarness({}, 3)))
t.test('Kafka, compressed', async t => logContract(t, kafkaHarness({ compression: 'gzip' }, 1)))
