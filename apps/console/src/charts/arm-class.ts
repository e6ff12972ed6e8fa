/** The class that gives an arm its colour, control first. Beyond four treatments colours come again; names do not. */
export function armClass(index: number): string {
  return `arm-${index === 0 ? 0 : ((index - 1) % 4) + 1}`
}
