import { describe, expect, it } from 'vitest'
import { rankingTrial } from '../src/experiment.ts'
import { type Scenario, scenarios } from '../src/scenarios.ts'
import { runInOneProcess } from './one-process.ts'

const trial = rankingTrial({ control: 'popularity', treatment: 'session' })
const swapped = rankingTrial({ control: 'session', treatment: 'popularity' })
const { harmful } = scenarios

/** The same world, in which each model behaves as the other did. */
const mirrored: Scenario = {
  ...harmful,
  behaviours: { popularity: harmful.behaviours.session, session: harmful.behaviours.popularity },
}
const exchangeNames = (line: string) =>
  line.replaceAll(/popularity|session/g, (name) => (name === 'session' ? 'popularity' : 'session'))

describe('the controller knows nothing of the scenario', () => {
  it('with arms and behaviours exchanged, the timeline is the same but for the names', async () => {
    const story = await runInOneProcess({ trial, scenario: harmful, seed: 7, seconds: 40 })
    expect(story.state.status).toBe('aborted')
    expect(story.state.stage).toBeGreaterThan(0)
    expect(story.lines.at(-1)).toMatch(/aborted \d: Guardrail \w+, session: .* wholly beyond the margin/)

    const mirror = await runInOneProcess({ trial: swapped, scenario: mirrored, seed: 7, seconds: 40 })
    expect(mirror.lines).toEqual(story.lines.map(exchangeNames))
    expect(mirror.state.status).toBe('aborted')
  })

  it('with the harmful model as control, and the other on trial, nothing is aborted', async () => {
    const { state, lines } = await runInOneProcess({
      trial: swapped,
      scenario: harmful,
      seed: 7,
      seconds: 20,
    })
    expect(state.status).not.toBe('aborted')
    expect(lines.length).toBeGreaterThan(1)
    expect(lines.join('\n')).not.toMatch(/beyond the margin/)
  })
})
