import type { RolloutHistory, RolloutView } from '@fairtrial/rollout'
import { renderToStaticMarkup } from 'react-dom/server'
import { Evidence } from './parts/evidence.tsx'
import { RolloutHead } from './parts/rollout-head.tsx'
import { StandsStill } from './parts/time.tsx'
import { Transitions } from './parts/transitions.tsx'
import { sayInstant } from './words/times.ts'

/**
 * One rollout's page as a file that needs no server and no script: the same words, charts and tables, as they stood.
 *
 * @param options.savedAt epoch milliseconds
 * @param options.styles the text of a style sheet
 */
export function renderReport(
  view: RolloutView,
  history: RolloutHistory | null,
  { savedAt, styles }: { readonly savedAt: number; readonly styles: string },
): string {
  const page = renderToStaticMarkup(
    <html lang="en">
      <head>
        <meta charSet="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${view.experiment.key} · fairtrial`}</title>
        <style>{styles}</style>
      </head>
      <body className="report">
        <main>
          <p className="fine">As it stood at {sayInstant(savedAt)}.</p>
          <StandsStill value>
            <RolloutHead view={view} />
            <Evidence view={view} history={history} />
            <Transitions view={view} />
          </StandsStill>
        </main>
      </body>
    </html>,
  )
  return `<!doctype html>\n${page}\n`
}
