import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AllowedHosts, isHostEntry } from '../../src/image-urls/allowed-hosts.ts';

function has(entry: string, url: string): boolean {
  return new AllowedHosts([entry]).has(new URL(url));
}

describe('the hosts of PANELVEC_IMAGE_URL_HOSTS', () => {
  it('are names, names of subdomains and addresses, with a scheme and a port where they are not those of https', () => {
    for (const entry of [
      'images.example.org',
      '*.example.org',
      'example.org:8443',
      'https://example.org:8443',
      'http://example.org',
      'http://10.0.0.5:9000',
      'https://[fd00::5]',
      'bücher.example',
      'EXAMPLE.org.',
    ])
      assert.ok(isHostEntry(entry), entry);
    for (const entry of [
      '*',
      '*.',
      '*.*.example.org',
      '.example.org',
      '*..example.org',
      'https://.example.org',
      'a*.example.org',
      'ftp://example.org',
      'example.org/images',
      'https://user@example.org',
      'example.org?a',
      'example.org#a',
      'exa mple.org',
      'example.org:port',
      'example.org:99999',
      '*.0.0.1',
      '*.[::1]',
      '[fe80::1%eth0]',
      'https://',
    ])
      assert.ok(!isHostEntry(entry), entry);
  });

  it('have their scheme, host and port alone', () => {
    assert.ok(has('images.example.org', 'https://IMAGES.example.org/a.png'));
    assert.ok(has('images.example.org', 'https://images.example.org:443/a.png'));
    for (const url of [
      'http://images.example.org/',
      'https://images.example.org:8443/',
      'https://a.images.example.org/',
      'https://example.org/',
      'https://images.example.org.stranger.example/',
      'https://strangerimages.example.org/',
    ])
      assert.ok(!has('images.example.org', url), url);
    assert.ok(has('http://example.org:80', 'http://example.org/'));
    assert.ok(!has('http://example.org', 'https://example.org/'));
    assert.ok(has('https://example.org:8443', 'https://example.org:8443/'));
  });

  it('have all subdomains behind an asterisk, and not the name itself', () => {
    assert.ok(has('*.example.org', 'https://a.example.org/'));
    assert.ok(has('*.example.org', 'https://a.b.example.org/'));
    for (const url of ['https://example.org/', 'https://strangerexample.org/'])
      assert.ok(!has('*.example.org', url), url);
  });

  it('have an address in all its spellings', () => {
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '127.1', '127.0.0.1.'])
      assert.ok(has('http://127.0.0.1', `http://${host}/`), host);
    assert.ok(!has('http://127.0.0.1', 'http://[::ffff:127.0.0.1]/'));
    assert.ok(has('http://[FD00:0::5]', 'http://[fd00::5]/'));
  });

  it('have names of other scripts in the form that DNS knows', () => {
    assert.ok(has('bücher.example', 'https://xn--bcher-kva.example/'));
    assert.ok(has('xn--bcher-kva.example', 'https://b%C3%BCcher.example/'));
    assert.ok(has('example.org', 'https://ｅxample.org/'));
    // The first letter is Cyrillic.
    assert.ok(!has('example.org', 'https://еxample.org/'));
  });
});
