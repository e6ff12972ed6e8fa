/** Where a function that falls and then rises between two ends is lowest: golden section, to the square root of ε. */
export function lowestPoint(f: (x: number) => number, low: number, high: number): number {
  const ratio = (Math.sqrt(5) - 1) / 2
  let [a, b] = [low, high]
  let x = b - ratio * (b - a)
  let y = a + ratio * (b - a)
  let [fx, fy] = [f(x), f(y)]
  for (let i = 0; i < 80; i++) {
    if (fx <= fy) {
      b = y
      y = x
      fy = fx
      x = b - ratio * (b - a)
      fx = f(x)
    } else {
      a = x
      x = y
      fx = fy
      y = a + ratio * (b - a)
      fy = f(y)
    }
  }
  return fx <= fy ? x : y
}
