import { asObject, compareSchemas, type Documents, isObject, type JsonObject, resolve } from './compare-schemas.ts';

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch'] as const;

/** What programs that know an older version of an OpenAPI document miss in a newer one, each as a sentence. */
export function compareApis(before: JsonObject, after: JsonObject): string[] {
  const problems: string[] = [];
  const documents = { before, after, compared: new Set<string>() };
  for (const [path, item] of Object.entries(asObject(before['paths']))) {
    const newItem = asObject(asObject(after['paths'])[path]);
    for (const method of METHODS) {
      const old = asObject(item)[method];
      if (!isObject(old)) continue;
      const call = `${method.toUpperCase()} ${path}`;
      const now = newItem[method];
      if (isObject(now)) problems.push(...compareCalls(call, old, now, documents));
      else problems.push(`${call}: is gone`);
    }
  }
  return problems;
}

function compareCalls(call: string, old: JsonObject, now: JsonObject, documents: Documents): string[] {
  const [oldBody, newBody] = [
    resolve(old['requestBody'], documents.before),
    resolve(now['requestBody'], documents.after),
  ];
  const problems = compareParameters(call, old, now, documents);
  if (oldBody['required'] !== true && newBody['required'] === true) problems.push(`${call}: needs a body now`);
  problems.push(...compareContents(`${call}: body`, 'request', oldBody, newBody, documents));
  const newResponses = asObject(now['responses']);
  for (const [status, response] of Object.entries(asObject(old['responses']))) {
    const place = `${call}: response ${status}`;
    if (newResponses[status] === undefined) {
      problems.push(`${place}: is gone`);
      continue;
    }
    const [oldResponse, newResponse] = [
      resolve(response, documents.before),
      resolve(newResponses[status], documents.after),
    ];
    problems.push(...compareContents(place, 'response', oldResponse, newResponse, documents));
    const headers = Object.keys(asObject(newResponse['headers']));
    const gone = Object.keys(asObject(oldResponse['headers'])).filter((name) => !headers.includes(name));
    problems.push(...gone.map((name) => `${place}: the header ${name} is gone`));
  }
  return problems;
}

function compareParameters(call: string, old: JsonObject, now: JsonObject, documents: Documents): string[] {
  const [olds, news] = [readParameters(old, documents.before), readParameters(now, documents.after)];
  const problems: string[] = [];
  for (const [key, parameter] of olds) {
    const place = `${call}: ${key}`;
    const other = news.get(key);
    if (other === undefined) problems.push(`${place}: is gone`);
    else {
      const schemas = { before: parameter['schema'], after: other['schema'] };
      problems.push(...compareSchemas({ ...schemas, direction: 'request', place }, documents));
    }
  }
  for (const [key, { required }] of news) {
    if (required === true && olds.get(key)?.['required'] !== true) problems.push(`${call}: ${key}: is required now`);
  }
  return problems;
}

function readParameters(call: JsonObject, document: JsonObject): Map<string, JsonObject> {
  const listed = Array.isArray(call['parameters']) ? call['parameters'] : [];
  const parameters = listed.map((parameter) => resolve(parameter, document));
  return new Map(parameters.map((parameter) => [`${parameter['in']} ${parameter['name']}`, parameter]));
}

function compareContents(
  place: string,
  direction: 'request' | 'response',
  old: JsonObject,
  now: JsonObject,
  documents: Documents,
): string[] {
  const newContents = asObject(now['content']);
  return Object.entries(asObject(old['content'])).flatMap(([type, media]) => {
    if (newContents[type] === undefined) return [`${place}: ${type} is gone`];
    const schemas = { before: asObject(media)['schema'], after: asObject(newContents[type])['schema'] };
    return compareSchemas({ ...schemas, direction, place: `${place} ${type} ` }, documents);
  });
}
