import type { RolloutHistory, RolloutView } from '@fairtrial/rollout'
import { useState } from 'react'
import { Evidence } from '../parts/evidence.tsx'
import { Journal } from '../parts/journal.tsx'
import { Orders } from '../parts/orders.tsx'
import { RolloutHead } from '../parts/rollout-head.tsx'
import { SaveButton } from '../parts/save-button.tsx'
import { Stale } from '../parts/stale.tsx'
import { Loading, Trouble } from '../parts/standing-in.tsx'
import { useLive } from '../plane/live.tsx'
import { ofThisPhase } from '../plane/of-this-phase.ts'
import { useResource } from '../plane/use-resource.ts'

/** One rollout: what is decided and why, what it rests on, and what may be ordered. */
export function ExperimentPage({ experimentKey }: { readonly experimentKey: string }) {
  const changes = useLive().changesOf(experimentKey)
  const path = `/v1/experiments/${experimentKey}`
  const view = useResource<RolloutView>(path, changes)
  const [isLong, setLong] = useState(false)
  const history = useResource<RolloutHistory>(`${path}/history`, changes, isLong ? 15_000 : 1_500)
  // A long history is large, and hardly another one a second later.
  if (history.value !== null && isLong !== history.value.points.length > 400) setLong(!isLong)
  if (view.value === null) {
    return view.refusal === null ? (
      <Loading what={experimentKey} />
    ) : (
      <Trouble refusal={view.refusal} onRetry={view.reload} />
    )
  }
  const shown = ofThisPhase(view.value)
  return (
    <>
      <Stale resource={view} />
      <RolloutHead
        view={shown}
        orders={<Orders experiment={shown.experiment} state={shown.state} onOrdered={view.reload} />}
        save={<SaveButton view={shown} history={history.value} />}
      />
      <Evidence view={shown} history={history.value} />
      <Journal view={shown} changes={changes} />
    </>
  )
}
