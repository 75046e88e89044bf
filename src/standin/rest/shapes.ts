/**
 * The forms in which REST answers come, by the Accept header: `odata=verbose` wraps all in `d`, minimal metadata adds
 * `odata.*` members, nometadata adds nothing; without JSON in Accept it is Atom XML.
 */
import { escapeXml } from '../encoding.js';
import type { Answer, StandinRequest } from '../request.js';
import type { RestError } from './rest-error.js';

export type Shape = 'verbose' | 'minimal' | 'none' | 'xml';

export interface Entity {
  /** `SP.File` */
  readonly type: string;
  /** Absolute. */
  readonly uri: string;
  readonly etag?: string;
  readonly properties: Readonly<Record<string, unknown>>;
}

export function shapeOf(request: StandinRequest): Shape {
  const accept = (request.headers.accept ?? '').toLowerCase();
  if (!accept.includes('json')) return 'xml';
  if (accept.includes('odata=verbose')) return 'verbose';
  return accept.includes('nometadata') ? 'none' : 'minimal';
}

export function entityAnswer(shape: Shape, entity: Entity, status = 200): Answer {
  const etag = entity.etag === undefined ? {} : { ETag: entity.etag };
  if (shape === 'xml') return xmlAnswer(status, entryXml(entity), etag);
  const value = shape === 'verbose' ? { d: shaped(shape, entity) } : shaped(shape, entity);
  return jsonAnswer(shape, status, value, etag);
}

export function collectionAnswer(shape: Shape, entities: readonly Entity[], context: string): Answer {
  const shapedOnes = entities.map((entity) => shaped(shape, entity));
  switch (shape) {
    case 'verbose':
      return jsonAnswer(shape, 200, { d: { results: shapedOnes } });
    case 'minimal':
      return jsonAnswer(shape, 200, { 'odata.metadata': context, value: shapedOnes });
    case 'none':
      return jsonAnswer(shape, 200, { value: shapedOnes });
    case 'xml':
      return xmlAnswer(200, `<feed ${XML_NAMESPACES}>${entities.map(entryXml).join('')}</feed>`);
  }
}

/** The result of a function: `{"d":{"StartUpload":"10"}}` or `{"value":"10"}`. */
export function scalarAnswer(shape: Shape, name: string, value: unknown, context: string): Answer {
  switch (shape) {
    case 'verbose':
      return jsonAnswer(shape, 200, { d: { [name]: value } });
    case 'minimal':
      return jsonAnswer(shape, 200, { 'odata.metadata': context, value });
    case 'none':
      return jsonAnswer(shape, 200, { value });
    case 'xml':
      return xmlAnswer(200, `<d:${name} ${XML_NAMESPACES}>${escapeXml(String(value))}</d:${name}>`);
  }
}

/** A value of its own type; verbose names it, the others have its members at the top. */
export function complexAnswer(
  shape: Shape,
  name: string,
  members: Readonly<Record<string, unknown>>,
): Answer {
  if (shape === 'verbose') return jsonAnswer(shape, 200, { d: { [name]: members } });
  if (shape === 'xml')
    return xmlAnswer(200, `<d:${name} ${XML_NAMESPACES}>${membersXml(members)}</d:${name}>`);
  return jsonAnswer(shape, 200, members);
}

/** A collection of plain values or records, `results` in verbose. */
export function valuesAnswer(shape: Shape, name: string, values: readonly unknown[]): Answer {
  if (shape === 'verbose') return jsonAnswer(shape, 200, { d: { [name]: { results: values } } });
  if (shape === 'xml') return xmlAnswer(200, `<d:${name} ${XML_NAMESPACES}/>`);
  return jsonAnswer(shape, 200, { value: values });
}

export function errorAnswer(shape: Shape, error: RestError): Answer {
  const told = { code: error.code, message: { lang: 'en-US', value: error.message } };
  if (shape === 'xml') {
    const inner = `<m:code>${escapeXml(error.code)}</m:code><m:message xml:lang="en-US">${escapeXml(error.message)}</m:message>`;
    const body = `<?xml version="1.0" encoding="utf-8"?><m:error xmlns:m="${METADATA}">${inner}</m:error>`;
    return { status: error.status, headers: { 'Content-Type': 'application/xml;charset=utf-8' }, body };
  }
  return jsonAnswer(shape, error.status, shape === 'verbose' ? { error: told } : { 'odata.error': told });
}

export function jsonAnswer(
  shape: Exclude<Shape, 'xml'>,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Answer {
  const words = { verbose: 'verbose', minimal: 'minimalmetadata', none: 'nometadata' };
  const type = `application/json;odata=${words[shape]};streaming=true;charset=utf-8`;
  return { status, headers: { ...headers, 'Content-Type': type }, body: JSON.stringify(value) };
}

function shaped(shape: Shape, entity: Entity): Record<string, unknown> {
  const { type, uri, etag, properties } = entity;
  const tag = etag === undefined ? {} : { etag };
  if (shape === 'verbose') return { __metadata: { id: uri, uri, ...tag, type }, ...properties };
  if (shape === 'none') return { ...properties };
  const odataTag = etag === undefined ? {} : { 'odata.etag': etag };
  return {
    'odata.type': type,
    'odata.id': uri,
    ...odataTag,
    'odata.editLink': uri.replace(/^.*\/_api\//, ''),
    ...properties,
  };
}

const METADATA = 'http://schemas.microsoft.com/ado/2007/08/dataservices/metadata';
const XML_NAMESPACES = `xmlns="http://www.w3.org/2005/Atom" xmlns:d="http://schemas.microsoft.com/ado/2007/08/dataservices" xmlns:m="${METADATA}"`;

function xmlAnswer(status: number, xml: string, headers: Readonly<Record<string, string>> = {}): Answer {
  const body = `<?xml version="1.0" encoding="utf-8"?>${xml}`;
  return {
    status,
    headers: { ...headers, 'Content-Type': 'application/atom+xml;type=entry;charset=utf-8' },
    body,
  };
}

function entryXml({ type, uri, properties }: Entity): string {
  const category = `<category term="${escapeXml(type)}"/><id>${escapeXml(uri)}</id>`;
  const content = `<content type="application/xml"><m:properties>${membersXml(properties)}</m:properties></content>`;
  return `<entry ${XML_NAMESPACES}>${category}${content}</entry>`;
}

function membersXml(members: Readonly<Record<string, unknown>>): string {
  return Object.entries(members)
    .filter(([, value]) => value === null || typeof value !== 'object')
    .map(([name, value]) =>
      value === null ? `<d:${name} m:null="true"/>` : `<d:${name}>${escapeXml(String(value))}</d:${name}>`,
    )
    .join('');
}
