import type { HttpRoute } from './http-api.ts';

export interface RouteMatch {
  readonly route: HttpRoute;
  /** As in the template, for example `GET /jobs/{id}`. */
  readonly routeKey: string;
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** Finds the route of a request as an HTTP API does: the most specific path wins, then the named method over ANY. */
export const findRoute = (routes: readonly HttpRoute[], method: string, path: string): RouteMatch | undefined => {
  const matches = routes.flatMap((route) => {
    if (route.method === '$default') return [{ route, routeKey: '$default', pathParameters: {}, rank: '' }];
    if (route.method !== 'ANY' && route.method !== method) return [];
    const matched = matchPath(route.path, path);
    if (!matched) return [];
    const rank = `${matched.rank}${route.method === 'ANY' ? '0' : '1'}`;
    return [{ route, routeKey: `${route.method} ${route.path}`, pathParameters: matched.pathParameters, rank }];
  });
  return matches.sort((a, b) => (a.rank < b.rank ? 1 : -1))[0];
};

/** Per segment: a fixed text (3) is more specific than a parameter (2), and that than the rest of the path (1). */
const matchPath = (
  template: string,
  path: string,
): { rank: string; pathParameters: Record<string, string> } | undefined => {
  const wanted = template.split('/');
  const given = path.split('/');
  const pathParameters: Record<string, string> = {};
  let rank = '';
  for (const [i, segment] of wanted.entries()) {
    const [, name, greedy] = /^\{([^}+]+)(\+?)\}$/.exec(segment) ?? [];
    const value = given[i];
    if (value === undefined) return undefined;
    if (name === undefined) {
      if (value !== segment) return undefined;
      rank += '3';
    } else if (greedy) {
      const rest = given.slice(i).join('/');
      return rest === '' ? undefined : { rank: `${rank}1`, pathParameters: { ...pathParameters, [name]: rest } };
    } else {
      if (value === '') return undefined;
      pathParameters[name] = value;
      rank += '2';
    }
  }
  return given.length === wanted.length ? { rank, pathParameters } : undefined;
};
