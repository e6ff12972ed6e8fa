/** The numbers that a chart shows. */
export interface ChartNumbers {
  readonly caption: string
  readonly columns: readonly string[]
  /** The first cell of each names its row. */
  readonly rows: readonly (readonly string[])[]
}

/** A chart's numbers as a table, folded away. */
export function ChartTable({ caption, columns, rows }: ChartNumbers) {
  return (
    <details className="numbers">
      <summary>
        Numbers<span className="for-readers"> of {caption}</span>
      </summary>
      <div className="scroller" tabIndex={0} role="region" aria-label={caption}>
        <table>
          <caption className="for-readers">{caption}</caption>
          <thead>
            <tr>
              {columns.map((column) => (
                <th key={column} scope="col">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(([head = '', ...cells], row) => (
              <tr key={`${head} ${row}`}>
                <th scope="row">{head}</th>
                {cells.map((cell, i) => (
                  <td key={columns[i + 1]}>{cell}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
