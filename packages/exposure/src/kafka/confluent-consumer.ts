import { ExperimentError } from '@fairtrial/protocol/error'
import { type ConfluentOptions, configOf, loadConfluent } from './confluent-client.ts'
import type { KafkaRange, StoredRecord } from './kafka-reader.ts'
import { within } from './read-deadline.ts'

/** A partition, and an offset in it. */
export interface ConfluentPosition {
  readonly topic: string
  readonly partition: number
  readonly offset?: number
  /** A note beside a position that was committed. */
  readonly metadata?: string
}

type ConfluentOffset = ConfluentPosition & { readonly offset: number }

/** A message as librdkafka gives it. */
export type ConfluentMessage = StoredRecord & { readonly topic: string; readonly partition: number }

/** The calls of librdkafka's consumer that are made here. */
interface NativeConsumer {
  on(event: 'partition.eof', listen: (at: ConfluentOffset) => void): void
  connect(options: object, done: (error: Error | null) => void): void
  disconnect(done: () => void): void
  getMetadata(options: object, done: (error: Error | null, metadata: Metadata) => void): void
  setDefaultConsumeTimeout(ms: number): void
  consume(count: number, done: (error: Error | null, messages?: readonly ConfluentMessage[]) => void): void
  assign(positions: readonly ConfluentPosition[]): void
  unassign(): void
  committed(
    partitions: readonly ConfluentPosition[],
    timeoutMs: number,
    done: (error: Error | null, found: readonly ConfluentPosition[]) => void,
  ): void
  commitCb(positions: readonly ConfluentPosition[], done: (error: Error | null) => void): void
}

interface Metadata {
  readonly topics: readonly {
    readonly name: string
    readonly partitions: readonly { readonly id: number }[]
  }[]
}

interface ConfluentModule {
  readonly KafkaConsumer: new (config: object) => NativeConsumer
  readonly AdminClient: { createFrom(client: NativeConsumer): NativeAdmin }
  readonly OffsetSpec: { readonly EARLIEST: unknown; readonly LATEST: unknown }
  readonly IsolationLevel: { readonly READ_COMMITTED: unknown }
}

interface NativeAdmin {
  listOffsets(
    partitions: readonly (ConfluentPosition | { readonly offset: unknown })[],
    options: object,
    done: (error: Error | null, found: readonly ConfluentOffset[]) => void,
  ): void
  disconnect(): void
}

type NativeCall<T> = (done: (error: Error | null, answer?: T) => void) => void

/** A consumer that is connected. */
export interface ConfluentConsumer {
  readonly native: NativeConsumer
  /** What partitions hold: up to where an open transaction begins. */
  ranges(topics: readonly string[], deadlineMs: number): Promise<readonly KafkaRange[]>
  /** The next messages; none where none come soon. */
  consume(): Promise<readonly ConfluentMessage[]>
  /** A call of `native` that answers by a callback, as a promise with a deadline. */
  ask<T>(what: string, deadlineMs: number, call: NativeCall<T>): Promise<T>
  /** Waits for every answer before it lets go: under a call that is not answered yet, librdkafka takes the process along. */
  close(): Promise<void>
}

const AT_ONCE = 2_000
const WAIT_MS = 100
const CLOSE_MS = 10_000

export async function openConfluentConsumer(
  options: ConfluentOptions,
  groupId: string,
  deadlineMs: number,
): Promise<ConfluentConsumer> {
  const module = (options.module ?? (await loadConfluent())) as ConfluentModule
  const native = new module.KafkaConsumer({
    ...configOf(options),
    'group.id': groupId,
    'enable.auto.commit': false,
    'enable.partition.eof': true,
    'auto.offset.reset': 'earliest',
  })
  native.setDefaultConsumeTimeout(WAIT_MS)
  const unanswered = new Set<Promise<unknown>>()
  let isClosed = false
  await ask('let a consumer in', deadlineMs, (done) =>
    native.connect({ timeout: deadlineMs, allTopics: false, topic: '' }, done),
  )
  // One, for as long as the consumer: where one of two goes, what the other was asked is never answered.
  const admin = module.AdminClient.createFrom(native)

  function call<T>(start: NativeCall<T>): Promise<T> {
    if (isClosed) return Promise.reject(new Error('The consumer is closed'))
    const answered = new Promise<T>((resolve, reject) => {
      start((error, answer) => (error ? reject(error) : resolve(answer as T)))
    })
    unanswered.add(answered)
    const settle = () => unanswered.delete(answered)
    answered.then(settle, settle)
    return answered
  }

  async function ask<T>(what: string, ms: number, start: NativeCall<T>): Promise<T> {
    try {
      return await within(call(start), ms, what)
    } catch (cause) {
      if (cause instanceof ExperimentError) throw cause
      throw new ExperimentError(
        'unreachable',
        `Kafka did not ${what}: ${(cause as Error).message}.`,
        'See that its brokers are up and that this client may read.',
        { cause },
      )
    }
  }

  async function leave(): Promise<void> {
    isClosed = true
    await Promise.allSettled(unanswered)
    admin.disconnect()
    await new Promise<void>((resolve) => native.disconnect(resolve))
  }

  async function ranges(topics: readonly string[], ms: number): Promise<readonly KafkaRange[]> {
    const partitions = (await Promise.all(topics.map((topic) => partitionsOf(topic, ms)))).flat()
    const list = (offset: unknown) =>
      ask<readonly ConfluentOffset[]>('tell what its topics hold', ms, (done) =>
        admin.listOffsets(
          partitions.map((each) => ({ ...each, offset })),
          { timeout: ms, isolationLevel: module.IsolationLevel.READ_COMMITTED },
          done,
        ),
      )
    const [lows, highs] = await Promise.all([
      list(module.OffsetSpec.EARLIEST),
      list(module.OffsetSpec.LATEST),
    ])
    const at = (found: typeof lows, { topic, partition }: ConfluentPosition) =>
      found.find((each) => each.topic === topic && each.partition === partition)?.offset ?? 0
    return partitions.map((each) => ({ ...each, low: at(lows, each), high: at(highs, each) }))
  }

  async function partitionsOf(topic: string, ms: number): Promise<{ topic: string; partition: number }[]> {
    const { topics } = await ask<Metadata>('tell what its topics hold', ms, (done) =>
      native.getMetadata({ topic, timeout: ms }, done),
    )
    const found = topics.find(({ name }) => name === topic)?.partitions ?? []
    if (found.length === 0) throw noTopic(topic)
    return found.map(({ id }) => ({ topic, partition: id })).toSorted((a, b) => a.partition - b.partition)
  }

  return {
    native,
    ranges,
    ask,
    consume: () => call<readonly ConfluentMessage[]>((done) => native.consume(AT_ONCE, done)),
    close: () => within(leave(), CLOSE_MS, 'let a consumer go'),
  }
}

function noTopic(topic: string): ExperimentError {
  return new ExperimentError(
    'misconfigured',
    `Kafka has no topic ${topic}.`,
    'Make it, or name the topics that there are: a log that is not there must not pass for an empty one.',
  )
}
