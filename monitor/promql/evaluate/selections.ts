import type { Matcher } from '../model/matcher.ts'
import type { Node } from '../syntax/ast.ts'
import type { SelectorContext } from './selectors.ts'
import { referenceBounds, referenceTime, subqueryTimeline } from './selectors.ts'
import type { Timeline } from './timeline.ts'
import { range } from './timeline.ts'

/** What one selector of an expression will ask a source for; both times count. */
export interface Selection {
  readonly matchers: readonly Matcher[]
  readonly fromMs: number
  readonly toMs: number
}

export interface SelectionContext extends SelectorContext {
  readonly subqueryStepMs: number
}

/** Everything that an expression will select, so that samples can be brought into memory before it is evaluated. */
export function selectionsOf(
  node: Node,
  timeline: Timeline,
  context: SelectionContext,
): Selection[] {
  if (timeline.count === 0) return []
  switch (node.kind) {
    case 'number':
    case 'string':
      return []
    case 'paren':
      return selectionsOf(node.inner, timeline, context)
    case 'unary':
      return selectionsOf(node.operand, timeline, context)
    case 'binary':
      return [node.left, node.right].flatMap((side) => selectionsOf(side, timeline, context))
    case 'call':
      return node.args.flatMap((argument) => selectionsOf(argument, timeline, context))
    case 'aggregate': {
      const parts = node.parameter === null ? [node.operand] : [node.parameter, node.operand]
      return parts.flatMap((part) => selectionsOf(part, timeline, context))
    }
    case 'vector-selector': {
      const reference = referenceTime(node.at, node.offsetMs, timeline, context)
      const [fromMs, toMs] = referenceBounds(reference, timeline)
      return [{ matchers: node.matchers, fromMs: fromMs - context.lookbackMs, toMs }]
    }
    case 'matrix-selector': {
      const { at, offsetMs, matchers } = node.selector
      const [fromMs, toMs] = referenceBounds(
        referenceTime(at, offsetMs, timeline, context),
        timeline,
      )
      return [{ matchers, fromMs: fromMs - node.rangeMs, toMs }]
    }
    case 'subquery': {
      const reference = referenceTime(node.at, node.offsetMs, timeline, context)
      const [firstMs, lastMs] = referenceBounds(reference, timeline)
      const stepMs = node.stepMs ?? context.subqueryStepMs
      const inner = subqueryTimeline(firstMs, lastMs, node.rangeMs, stepMs)
      return selectionsOf(node.body, inner.count === 0 ? range(0, -1, 1) : inner, context)
    }
  }
}
