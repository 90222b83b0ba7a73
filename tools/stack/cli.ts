/** `npm run stack:up | stack:down | stack:status` */
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import { type PartName, partNames, stackFile } from './addresses.js'
import { type PartStatus, type StackOptions, stackStatus, startStack, stopStack } from './stack.js'

const say = (line: string) => void process.stdout.write(`${line}\n`)

const directory = () => new Option('--dir <directory>', 'data, logs and stack.json live here').env('SEGUE_STACK_DIR').default('data/stack')
const which = () => new Argument('[parts...]', 'which parts (default: all)').choices(partNames)

/** @throws InvalidArgumentError */
function readPorts(text: string): NonNullable<StackOptions['ports']> {
  if (text === 'usual' || text === 'free') return text
  const ports: Partial<Record<PartName, number>> = {}
  for (const pair of text.split(',')) {
    const [, name, number] = /^(\w+)=(\d+)$/.exec(pair.trim()) ?? []
    const part = partNames.find(part => part === name)
    const port = Number(number)
    if (part === undefined || port < 1 || port > 65_535)
      throw new InvalidArgumentError(`Give "usual", "free", or pairs as in kafka=19092,redis=16379 (parts: ${partNames.join(', ')}).`)
    ports[part] = port
  }
  return ports
}

const lineOf = ({ part, state, pid, port }: PartStatus): string =>
  [part.name.padEnd(9), part.title.padEnd(24), state, pid && `process ${pid}`, port && `127.0.0.1:${port}`].filter(Boolean).join('  ')

const program = new Command('stack')
  .description('Kafka, a schema registry, Redis and S3 on this machine, without Docker.')
  .showHelpAfterError()

program
  .command('up')
  .description('start what does not run yet; what is missing is fetched once per machine')
  .addArgument(which())
  .addOption(directory())
  .addOption(
    new Option('--ports <ports>', 'usual, free, or pairs as in kafka=19092; a part keeps the port it once had')
      .env('SEGUE_STACK_PORTS')
      .argParser(readPorts)
      .default('usual')
  )
  .action(async (parts: PartName[], { dir, ports }) => {
    const began = Date.now()
    await startStack({ dir, ports, say, ...(parts.length > 0 && { parts }) })
    say(`Ready after ${Math.round((Date.now() - began) / 100) / 10} s. Addresses are in ${stackFile(dir)}; npm run stack:down ends it.`)
  })

program
  .command('down')
  .description('end it; the data stays')
  .addArgument(which())
  .addOption(directory())
  .action(async (parts: PartName[], { dir }) => {
    const ended = await stopStack(dir, parts.length > 0 ? parts : partNames)
    say(ended.length > 0 ? `Ended: ${ended.join(', ')}.` : 'Nothing was running.')
  })

program
  .command('status')
  .description('what runs, where; exit code 1 unless all that was started is healthy')
  .addOption(directory())
  .action(async ({ dir }) => {
    const status = await stackStatus(dir)
    for (const part of status) say(lineOf(part))
    if (!status.every(({ state }) => state === 'healthy' || state === 'never started')) process.exitCode = 1
  })

try {
  await program.parseAsync()
} catch (error) {
  process.stderr.write(`${process.env.LOG_LEVEL === 'debug' ? (error as Error).stack : (error as Error).message}\n`)
  process.exitCode = 1
}
