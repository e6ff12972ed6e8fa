import { type SyntheticEvent, useEffect, useId, useRef, useState } from 'react'

/** Asks for a token. It stays in this tab, and is gone with it. */
export function SignIn({
  wasRefused,
  onToken,
}: {
  readonly wasRefused: boolean
  readonly onToken: (token: string) => void
}) {
  const [token, setToken] = useState('')
  const id = useId()
  const field = useRef<HTMLInputElement>(null)
  useEffect(() => field.current?.focus(), [])
  function submit(event: SyntheticEvent) {
    event.preventDefault()
    if (token.trim() !== '') onToken(token.trim())
  }
  return (
    <main className="sign-in">
      <form onSubmit={submit}>
        <h1>fairtrial</h1>
        <p>
          This control plane asks for a token. Whoever runs it gives you one, with your name and your role.
        </p>
        <label htmlFor={id}>Token</label>
        <input
          ref={field}
          id={id}
          type="password"
          autoComplete="off"
          spellCheck={false}
          value={token}
          aria-invalid={wasRefused}
          aria-describedby={wasRefused ? `${id}-wrong` : `${id}-kept`}
          onChange={(event) => setToken(event.target.value)}
        />
        {wasRefused && (
          <p id={`${id}-wrong`} className="wrong" role="alert">
            This token is not known here, or no longer valid.
          </p>
        )}
        <p id={`${id}-kept`} className="quiet">
          It is kept in this tab only, and forgotten with it.
        </p>
        <button type="submit" className="primary" disabled={token.trim() === ''}>
          Sign in
        </button>
      </form>
    </main>
  )
}
