import type { ReactNode } from 'react'
import type { Refusal } from '../plane/request.ts'

/** In the place of what is being read. */
export function Loading({ what }: { readonly what: string }) {
  return (
    <section className="standing-in" aria-busy="true">
      <p role="status">Reading {what} …</p>
      <div className="bones" aria-hidden="true">
        <i />
        <i />
        <i />
      </div>
    </section>
  )
}

/** In the place of what there is none of. */
export function Empty({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="standing-in">
      <h2>{title}</h2>
      <p>{children}</p>
    </section>
  )
}

/** In the place of what could not be read: what happened, and what to do. */
export function Trouble({ refusal, onRetry }: { readonly refusal: Refusal; readonly onRetry: () => void }) {
  return (
    <section className="standing-in trouble" role="alert">
      <h1>{refusal.status === 404 ? 'Not found' : 'This cannot be shown now'}</h1>
      <p>{refusal.detail}</p>
      <p className="quiet">{refusal.remedy}</p>
      <button type="button" onClick={onRetry}>
        Try again
      </button>
    </section>
  )
}
