import { answer, type Console } from '../console.ts'
import { readDefinition } from '../definition-file.ts'
import { definitionNotes, definitionOptions } from '../planning/definition-options.ts'
import { type PowerAnswer, powerAnswer } from '../planning/power-answer.ts'
import type { PowerOptions } from '../planning/power-options.ts'
import { withUsageErrors } from '../planning/usage.ts'
import { powerText } from '../text/power-text.ts'

/** `fairtrial power [FILE]`: how many units a trial needs, or what so many units find. */
export async function power(
  console: Console,
  file: string | undefined,
  options: PowerOptions,
): Promise<void> {
  const document = file === undefined ? answerOf(options) : await answerFor(file, options)
  answer(console, options, document, () => powerText(document))
}

async function answerFor(file: string, options: PowerOptions): Promise<PowerAnswer> {
  const experiment = await readDefinition(file)
  const { schema, ...answered } = answerOf(definitionOptions(experiment, options))
  const notes = [...answered.notes, ...definitionNotes(experiment, options, answered)]
  const { key, hypothesis } = experiment
  return { schema, experiment: { key, metric: hypothesis.metric }, ...answered, notes }
}

function answerOf(options: PowerOptions): PowerAnswer {
  return withUsageErrors(() => powerAnswer(options))
}
