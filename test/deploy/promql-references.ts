import type { SyntaxNode } from '@lezer/common';
import { parser } from '@prometheus-io/lezer-promql';

/** A metric that a query reads. */
export interface MetricReference {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

export interface QueryReferences {
  readonly metrics: readonly MetricReference[];
  /** The labels by which something is grouped or matched */
  readonly labels: readonly string[];
}

/** What a query in PromQL refers to. @throws Error where it is not PromQL */
export function findReferences(expr: string): QueryReferences {
  const metrics: MetricReference[] = [];
  const labels = new Set<string>();
  const text = ({ from, to }: SyntaxNode) => expr.slice(from, to);
  const child = (node: SyntaxNode, name: string) => {
    const found = node.getChild(name);
    if (found === null) throw new Error(`${text(node)} has no ${name}`);
    return text(found);
  };
  parser.parse(expr).iterate({
    enter({ node, type }) {
      if (type.isError) throw new Error(`not PromQL at ${node.from}: ${expr}`);
      if (type.name === 'VectorSelector') {
        const matchers = node.getChild('LabelMatchers')?.getChildren('UnquotedLabelMatcher') ?? [];
        metrics.push({
          metric: child(node, 'Identifier'),
          matchers: matchers.map((matcher) => ({
            label: child(matcher, 'LabelName'),
            operator: child(matcher, 'MatchOp'),
            value: child(matcher, 'StringLiteral').slice(1, -1),
          })),
        });
      }
      if (type.name === 'GroupingLabels') {
        for (const label of node.getChildren('LabelName')) labels.add(text(label));
      }
    },
  });
  return { metrics, labels: [...labels] };
}
