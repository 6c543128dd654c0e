import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { PanelvecError } from '../errors.ts';
import { VERSION } from '../version.ts';

const CONNECT_TIMEOUT_MS = 5000;
const MAX_HEADER_BYTES = 16 * 2 ** 10;
const HEADERS = {
  accept: 'image/jpeg, image/png, image/webp, image/avif, */*;q=0.1',
  // What comes compressed may be much more than it seems.
  'accept-encoding': 'identity',
  'user-agent': `panelvec/${VERSION}`,
};
const CERTIFICATE_ERROR = /CERT|^ERR_(TLS|SSL)|^UNABLE_TO/;

/**
 * Sends a GET to one of the given addresses, on a connection of its own, and returns the response with its body to be read. The name
 * of the host is not resolved again, no proxy of the environment is asked, and a redirect is not followed.
 * @throws PanelvecError image_fetch_failed, which does not tell the address; the reason of the signal
 */
export function requestImage(url: URL, addresses: readonly string[], signal: AbortSignal): Promise<IncomingMessage> {
  const isTls = url.protocol === 'https:';
  return new Promise((resolve, reject) => {
    const options = { agent: false, headers: HEADERS, maxHeaderSize: MAX_HEADER_BYTES, signal };
    const request = (isTls ? https : http).request(url, { ...options, lookup: pinnedLookup(addresses) });
    const timer = setTimeout(() => request.destroy(new Error('the connection took too long')), CONNECT_TIMEOUT_MS);
    request.once('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', () => clearTimeout(timer)));
    request.once('response', resolve);
    request.on('error', (error) => reject(signal.aborted ? signal.reason : connectionError(error)));
    request.once('close', () => {
      clearTimeout(timer);
      reject(connectionError(new Error('the connection was closed')));
    });
    request.end();
  });
}

/** Gives net.connect the addresses that were checked. It does not ask where the host of the URL is an address itself. */
function pinnedLookup(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, { all: wantsAll }, callback) => {
    const [first] = all;
    if (first === undefined) callback(new Error('there is no address'), '');
    else if (wantsAll) callback(null, all);
    else callback(null, first.address, first.family);
  };
}

function connectionError(cause: Error & { readonly code?: string }): PanelvecError {
  const isCertificate = CERTIFICATE_ERROR.test(cause.code ?? '');
  const message = isCertificate ? 'the certificate of the host is not valid for it' : 'the host cannot be reached';
  return new PanelvecError('image_fetch_failed', message, { cause });
}
