import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describeForeignContent } from '../../src/files/foreign-content.ts';

const describeText = (text: string) => describeForeignContent(Buffer.from(text)) ?? '';

describe('what stands in the place of a file', () => {
  const texts: readonly [string, RegExp][] = [
    [
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n',
      /^is a Git LFS pointer, .*git lfs pull/,
    ],
    ['version https://hawser.github.com/spec/v1\r\noid sha256:4d7a\r\n', /Git LFS pointer/],
    ['/annex/objects/SHA256E-s10--4d7a.safetensors\n', /git annex get/],
    ['../.git/annex/objects/a/b/SHA256E-s10--4d7a/SHA256E-s10--4d7a', /git annex get/],
    ['<!DOCTYPE html>\n<html lang="en">', /^is a web page \(HTML\)/],
    ['\ufeff\r\n  <html><head><title>404</title>', /^is a web page/],
    ['<!-- cached --><!doctype html>', /^is a web page/],
    ['<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC', /^is a web page/],
    ['<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code>', /^is the error message of a store/],
    ['', /^is empty/],
  ];
  for (const [text, message] of texts)
    it(`is told of ${JSON.stringify(text.slice(0, 30))}`, () => assert.match(describeText(text), message));

  it('is told of compressed copies', () => {
    assert.match(describeForeignContent(gzipSync('x')) ?? '', /^is compressed with gzip: unpack it first$/);
    assert.match(describeForeignContent(zstdCompressSync('x')) ?? '', /Zstandard/);
    const tar = Buffer.alloc(512);
    tar.write('ustar', 257);
    assert.match(describeForeignContent(tar) ?? '', /tar archive/);
  });

  it('is not told of other files', () => {
    for (const text of ['{"version":"1.0"}', 'version 2', 'PK\x03\x04', '<svg/>', '\x08\x07\x12\x00']) {
      assert.equal(describeForeignContent(Buffer.from(text)), undefined, text);
    }
  });
});
