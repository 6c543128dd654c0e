/** A dashboard as data: what it shows, without how Grafana writes it down. */
export interface DashboardDescription {
  /** In its address, and the name of its file */
  readonly id: string;
  readonly title: string;
  readonly description: string;
  readonly rows: readonly RowDescription[];
}

export interface RowDescription {
  readonly title: string;
  readonly panels: readonly PanelDescription[];
}

export interface PanelDescription {
  readonly title: string;
  /** The question that it answers, and what a bad answer looks like */
  readonly description: string;
  readonly unit: Unit;
  /** Queries by their legends. `{{label}}` in a legend stands for the value of a label. */
  readonly queries: Readonly<Record<string, string>>;
  /** Series lie on top of each other, where their sum means something */
  readonly isStacked?: boolean;
  readonly max?: number;
}

/** Units by the names that Grafana has for them. */
export type Unit = 'none' | 'short' | 'reqps' | 'ops' | 's' | 'bytes' | 'percentunit' | 'bool_yes_no';

/** The matchers of every metric: the variables of the dashboard. */
export const SELECTED = 'job=~"$job", instance=~"$instance"';

/** What has been counted in a second. */
export function rate(metric: string, matchers = ''): string {
  return `rate(${metric}{${SELECTED}${matchers && `, ${matchers}`}}[$__rate_interval])`;
}

/** A quantile of a histogram over all instances, for each value of the labels. */
export function quantile(q: number, metric: string, { by = '', matchers = '' } = {}): string {
  return `histogram_quantile(${q}, sum by (le${by && `, ${by}`}) (${rate(`${metric}_bucket`, matchers)}))`;
}

/** Quantiles of a histogram by their legends. */
export function quantiles(metric: string, options?: { by?: string; matchers?: string }): Record<string, string> {
  const label = options?.by === undefined ? '' : `{{${options.by}}} `;
  return Object.fromEntries([0.5, 0.95, 0.99].map((q) => [`${label}p${q * 100}`, quantile(q, metric, options)]));
}
