import type { Command } from 'commander'

/** Lets each command, when it is used wrongly, point to its own help. */
export function pointToHelp(command: Command): void {
  command.showHelpAfterError(helpHint(command))
  for (const below of command.commands) pointToHelp(below)
}

/** Where the help is of the command that these arguments name: as far as they name one. */
export function helpHintOf(program: Command, args: readonly string[]): string {
  const [name, ...rest] = args
  const below = program.commands.find((command) => command.name() === name)
  return below === undefined ? helpHint(program) : helpHintOf(below, rest)
}

function helpHint(command: Command): string {
  const names: string[] = []
  for (let at: Command | null = command; at !== null; at = at.parent) names.unshift(at.name())
  return `See ${names.join(' ')} --help.`
}
