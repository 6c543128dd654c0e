export interface paths {
  '/v1/embeddings/image': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Embed images
     * @description Form parts named `image`, one raw image with the options in the query, or data URIs in JSON.
     */
    post: {
      parameters: {
        query?: {
          /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
          model?: string;
          /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
          outputs?: ('fused' | 'vision' | 'text' | 'composition')[];
          /** @description Give the vectors unit length; false by default */
          normalize?: boolean;
          /** @description Keep only so many numbers of each vector */
          dimensions?: number;
          /** @description base64 holds little-endian float32 */
          encoding_format?: 'float' | 'base64';
          /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
          truncate?: 'end' | 'refuse';
          /** @description Fingerprint of the space of the vectors; 409 if the model has another */
          expected_space?: string;
        };
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'multipart/form-data': {
            /**
             * Format: binary
             * @description One image or more
             */
            image: string | string[];
            /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
            model?: string;
            /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
            outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string;
            /** @description Give the vectors unit length; false by default */
            normalize?: boolean | ('true' | 'false' | 'True' | 'False');
            /** @description Keep only so many numbers of each vector */
            dimensions?: number | string;
            /**
             * @description base64 holds little-endian float32
             * @enum {string}
             */
            encoding_format?: 'float' | 'base64';
            /**
             * @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request
             * @enum {string}
             */
            truncate?: 'end' | 'refuse';
            /** @description Fingerprint of the space of the vectors; 409 if the model has another */
            expected_space?: string;
          };
          'application/json': {
            input: string | string[];
            /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
            model?: string | null;
            /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
            outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string | null;
            /** @description Give the vectors unit length; false by default */
            normalize?: boolean | ('true' | 'false' | 'True' | 'False') | null;
            /** @description Keep only so many numbers of each vector */
            dimensions?: number | string | null;
            /** @description base64 holds little-endian float32 */
            encoding_format?: ('float' | 'base64') | null;
            /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
            truncate?: ('end' | 'refuse') | null;
            /** @description Fingerprint of the space of the vectors; 409 if the model has another */
            expected_space?: string | null;
          };
          'image/jpeg': string;
          'image/png': string;
          'image/webp': string;
          'image/avif': string;
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['EmbeddingList'];
            'application/x-npy': components['schemas']['EmbeddingList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/embeddings/text': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Embed texts */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            input: string | string[];
            /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
            model?: string | null;
            /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
            outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string | null;
            /** @description Give the vectors unit length; false by default */
            normalize?: boolean | ('true' | 'false' | 'True' | 'False') | null;
            /** @description Keep only so many numbers of each vector */
            dimensions?: number | string | null;
            /** @description base64 holds little-endian float32 */
            encoding_format?: ('float' | 'base64') | null;
            /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
            truncate?: ('end' | 'refuse') | null;
            /** @description Fingerprint of the space of the vectors; 409 if the model has another */
            expected_space?: string | null;
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['EmbeddingList'];
            'application/x-npy': components['schemas']['EmbeddingList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/embeddings/panel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Embed panels of image, text and composition */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            input: {
              /** @description A data URI; in a form the name of a file part */
              image?: (string | null) | null;
              text?: (string | null) | null;
              composition?: number[] | null;
            }[];
            /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
            model?: string | null;
            /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
            outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string | null;
            /** @description Give the vectors unit length; false by default */
            normalize?: boolean | ('true' | 'false' | 'True' | 'False') | null;
            /** @description Keep only so many numbers of each vector */
            dimensions?: number | string | null;
            /** @description base64 holds little-endian float32 */
            encoding_format?: ('float' | 'base64') | null;
            /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
            truncate?: ('end' | 'refuse') | null;
            /** @description Fingerprint of the space of the vectors; 409 if the model has another */
            expected_space?: string | null;
          };
          'multipart/form-data': {
            /** @description The JSON of the request, with images named by part */
            request: string;
            /**
             * Format: binary
             * @description Images, by the names that the request uses
             */
            '<name>': string | string[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['EmbeddingList'];
            'application/x-npy': components['schemas']['EmbeddingList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/embeddings/page': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Embed every panel of a page
     * @description One page, or several in `pages`: saved files of the OCR form (bbox, text) or the VLM form (box_2d, description, text_content). Options may stand in the query, in fields of the form, in `options`, or beside the fields of the page.
     */
    post: {
      parameters: {
        query?: {
          /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
          model?: string;
          /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
          outputs?: ('fused' | 'vision' | 'text' | 'composition')[];
          /** @description Give the vectors unit length; false by default */
          normalize?: boolean;
          /** @description Keep only so many numbers of each vector */
          dimensions?: number;
          /** @description base64 holds little-endian float32 */
          encoding_format?: 'float' | 'base64';
          /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
          truncate?: 'end' | 'refuse';
          /** @description Fingerprint of the space of the vectors; 409 if the model has another */
          expected_space?: string;
          /** @description Rows of panel_embeddings: absent panels become zeros with a false mask */
          pad_to?: number;
          /** @description The mask of a page without panels: all false (`masked`, default), or first true over a vector of zeros (`zero_vector`), as stores have it; needs pad_to */
          empty_pages?: 'zero_vector' | 'masked';
          /** @description The unit of boxes, if it is not that of their form: fractions of the page, thousandths, or pixels */
          box_scale?: 1 | 1000 | 'pixels';
          /** @description The order of the numbers of boxes, if it is not that of their form */
          box_order?: 'yxyx' | 'xyxy' | 'xywh';
        };
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'multipart/form-data': {
            /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
            model?: string;
            /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
            outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string;
            /** @description Give the vectors unit length; false by default */
            normalize?: boolean | ('true' | 'false' | 'True' | 'False');
            /** @description Keep only so many numbers of each vector */
            dimensions?: number | string;
            /**
             * @description base64 holds little-endian float32
             * @enum {string}
             */
            encoding_format?: 'float' | 'base64';
            /**
             * @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request
             * @enum {string}
             */
            truncate?: 'end' | 'refuse';
            /** @description Fingerprint of the space of the vectors; 409 if the model has another */
            expected_space?: string;
            /** @description Rows of panel_embeddings: absent panels become zeros with a false mask */
            pad_to?: number | string;
            /**
             * @description The mask of a page without panels: all false (`masked`, default), or first true over a vector of zeros (`zero_vector`), as stores have it; needs pad_to
             * @enum {string}
             */
            empty_pages?: 'zero_vector' | 'masked';
            /** @description The unit of boxes, if it is not that of their form: fractions of the page, thousandths, or pixels */
            box_scale?: (1 | 1000 | 'pixels') | ('1' | '1000');
            /**
             * @description The order of the numbers of boxes, if it is not that of their form
             * @enum {string}
             */
            box_order?: 'yxyx' | 'xyxy' | 'xywh';
            /**
             * Format: binary
             * @description The page
             */
            image: string | string[];
            /** @description The JSON of the request, with images named by part */
            request: string;
          };
          'application/json':
            | ({
                canonical_id?: (string | null) | null;
                overall_summary?: (string | null) | null;
                /** @description A list; also an object of named panels, or null for none */
                panels: ({
                  /** @description [x, y, width, height] in pixels */
                  bbox?: [number, number, number, number] | null;
                  /** @description [y1, x1, y2, x2] in thousandths of the page */
                  box_2d?: [number, number, number, number] | null;
                  text?:
                    | (
                        | string
                        | unknown[]
                        | {
                            [key: string]: unknown;
                          }
                      )
                    | null;
                  description?: (string | unknown[]) | null;
                  /** @description A list of objects with `text`; other shapes are read too, and noted */
                  text_content?:
                    | (
                        | string
                        | unknown[]
                        | {
                            [key: string]: unknown;
                          }
                      )
                    | null;
                  /** @description Position in reading order, from 1; by default the position in the list */
                  panel_number?: (number | string) | null;
                } & {
                  [key: string]: unknown;
                })[];
                /** @description The size of the picture that boxes in pixels were drawn on */
                image_width?: (number | string) | null;
                image_height?: (number | string) | null;
                image?: string | null;
                /** @description Options, apart from the fields of a saved file */
                options?: {
                  /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
                  model?: string | null;
                  /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
                  outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string | null;
                  /** @description Give the vectors unit length; false by default */
                  normalize?: boolean | ('true' | 'false' | 'True' | 'False') | null;
                  /** @description Keep only so many numbers of each vector */
                  dimensions?: number | string | null;
                  /** @description base64 holds little-endian float32 */
                  encoding_format?: ('float' | 'base64') | null;
                  /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
                  truncate?: ('end' | 'refuse') | null;
                  /** @description Fingerprint of the space of the vectors; 409 if the model has another */
                  expected_space?: string | null;
                  /** @description Rows of panel_embeddings: absent panels become zeros with a false mask */
                  pad_to?: number | string | null;
                  /** @description The mask of a page without panels: all false (`masked`, default), or first true over a vector of zeros (`zero_vector`), as stores have it; needs pad_to */
                  empty_pages?: ('zero_vector' | 'masked') | null;
                  /** @description The unit of boxes, if it is not that of their form: fractions of the page, thousandths, or pixels */
                  box_scale?: (1 | 1000 | 'pixels') | ('1' | '1000') | null;
                  /** @description The order of the numbers of boxes, if it is not that of their form */
                  box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
                } | null;
                /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
                model?: string | null;
                /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
                outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string | null;
                /** @description Give the vectors unit length; false by default */
                normalize?: boolean | ('true' | 'false' | 'True' | 'False') | null;
                /** @description Keep only so many numbers of each vector */
                dimensions?: number | string | null;
                /** @description base64 holds little-endian float32 */
                encoding_format?: ('float' | 'base64') | null;
                /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
                truncate?: ('end' | 'refuse') | null;
                /** @description Fingerprint of the space of the vectors; 409 if the model has another */
                expected_space?: string | null;
                /** @description Rows of panel_embeddings: absent panels become zeros with a false mask */
                pad_to?: number | string | null;
                /** @description The mask of a page without panels: all false (`masked`, default), or first true over a vector of zeros (`zero_vector`), as stores have it; needs pad_to */
                empty_pages?: ('zero_vector' | 'masked') | null;
                /** @description The unit of boxes, if it is not that of their form: fractions of the page, thousandths, or pixels */
                box_scale?: (1 | 1000 | 'pixels') | ('1' | '1000') | null;
                /** @description The order of the numbers of boxes, if it is not that of their form */
                box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
              } & {
                [key: string]: unknown;
              })
            | {
                pages: ({
                  canonical_id?: (string | null) | null;
                  overall_summary?: (string | null) | null;
                  /** @description A list; also an object of named panels, or null for none */
                  panels: ({
                    /** @description [x, y, width, height] in pixels */
                    bbox?: [number, number, number, number] | null;
                    /** @description [y1, x1, y2, x2] in thousandths of the page */
                    box_2d?: [number, number, number, number] | null;
                    text?:
                      | (
                          | string
                          | unknown[]
                          | {
                              [key: string]: unknown;
                            }
                        )
                      | null;
                    description?: (string | unknown[]) | null;
                    /** @description A list of objects with `text`; other shapes are read too, and noted */
                    text_content?:
                      | (
                          | string
                          | unknown[]
                          | {
                              [key: string]: unknown;
                            }
                        )
                      | null;
                    /** @description Position in reading order, from 1; by default the position in the list */
                    panel_number?: (number | string) | null;
                  } & {
                    [key: string]: unknown;
                  })[];
                  /** @description The size of the picture that boxes in pixels were drawn on */
                  image_width?: (number | string) | null;
                  image_height?: (number | string) | null;
                  image?: string | null;
                } & {
                  [key: string]: unknown;
                })[];
                /** @description Options, apart from the fields of a saved file */
                options?: {
                  /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
                  model?: string | null;
                  /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
                  outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string | null;
                  /** @description Give the vectors unit length; false by default */
                  normalize?: boolean | ('true' | 'false' | 'True' | 'False') | null;
                  /** @description Keep only so many numbers of each vector */
                  dimensions?: number | string | null;
                  /** @description base64 holds little-endian float32 */
                  encoding_format?: ('float' | 'base64') | null;
                  /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
                  truncate?: ('end' | 'refuse') | null;
                  /** @description Fingerprint of the space of the vectors; 409 if the model has another */
                  expected_space?: string | null;
                  /** @description Rows of panel_embeddings: absent panels become zeros with a false mask */
                  pad_to?: number | string | null;
                  /** @description The mask of a page without panels: all false (`masked`, default), or first true over a vector of zeros (`zero_vector`), as stores have it; needs pad_to */
                  empty_pages?: ('zero_vector' | 'masked') | null;
                  /** @description The unit of boxes, if it is not that of their form: fractions of the page, thousandths, or pixels */
                  box_scale?: (1 | 1000 | 'pixels') | ('1' | '1000') | null;
                  /** @description The order of the numbers of boxes, if it is not that of their form */
                  box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
                } | null;
                /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
                model?: string | null;
                /** @description Vectors in the response, the first as `embedding`; `fused` by default and for none */
                outputs?: ('fused' | 'vision' | 'text' | 'composition')[] | string | null;
                /** @description Give the vectors unit length; false by default */
                normalize?: boolean | ('true' | 'false' | 'True' | 'False') | null;
                /** @description Keep only so many numbers of each vector */
                dimensions?: number | string | null;
                /** @description base64 holds little-endian float32 */
                encoding_format?: ('float' | 'base64') | null;
                /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
                truncate?: ('end' | 'refuse') | null;
                /** @description Fingerprint of the space of the vectors; 409 if the model has another */
                expected_space?: string | null;
                /** @description Rows of panel_embeddings: absent panels become zeros with a false mask */
                pad_to?: number | string | null;
                /** @description The mask of a page without panels: all false (`masked`, default), or first true over a vector of zeros (`zero_vector`), as stores have it; needs pad_to */
                empty_pages?: ('zero_vector' | 'masked') | null;
                /** @description The unit of boxes, if it is not that of their form: fractions of the page, thousandths, or pixels */
                box_scale?: (1 | 1000 | 'pixels') | ('1' | '1000') | null;
                /** @description The order of the numbers of boxes, if it is not that of their form */
                box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
              };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['PageEmbeddingList'];
            'application/x-npy': components['schemas']['PageEmbeddingList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/x-npy': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/embeddings': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Embed texts, in the form of the OpenAI API */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            input: string | string[];
            model?: string | null;
            encoding_format?: ('float' | 'base64') | null;
            dimensions?: number | null;
            user?: string | null;
            /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
            truncate?: ('end' | 'refuse') | null;
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenAIEmbeddingList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/zero-shot': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Score labels or sentences against pictures
     * @description Pictures as data URIs in JSON, or as parts of a form: those that `images` names, else all parts named `image`.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            /** @description Words or sentences, each once */
            labels: string[];
            /** @description A sentence around each label: `a picture of {}` */
            template?: string | null;
            /** @description Data URIs; in a form names of file parts, by default all parts named `image` */
            images?: string[] | null;
            /** @description `name`, `name@version` or an alias; the model of the alias `default` without it */
            model?: string | null;
            /** @description A text longer than the encoder takes: cut its `end` off (default), or `refuse` the request */
            truncate?: ('end' | 'refuse') | null;
            /** @description Fingerprint of the space of the vectors; 409 if the model has another */
            expected_space?: string | null;
          };
          'multipart/form-data': {
            /** @description The JSON of the request */
            request: string;
            /**
             * Format: binary
             * @description One picture or more
             */
            image: string | string[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['ZeroShotList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/search': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Search a collection
     * @description By any of `text`, `image`, `panel`, `composition` and `positive`: docs/search.md has the rules.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            collection: string;
            /** @description Words to find */
            text?: string | null;
            /** @description A data URI; in a form the name of a file part, by default the part `image` where there is one */
            image?: string | null;
            /** @description The id of a panel of the collection: finds others like it */
            panel?: string | null;
            /** @description Aspect ratio, area, position or characters, shot mean, shot max, centre x, centre y */
            composition?: number[] | null;
            /** @description Ids of panels that results shall be like */
            positive?: string[] | null;
            /** @description Ids of panels that results shall not be like */
            negative?: string[] | null;
            /** @description How much each part of the query counts; only of parts that it has */
            weights?: {
              /** @description 1 by default */
              text?: number | null;
              /** @description 1 by default */
              image?: number | null;
              /** @description 1 by default */
              panel?: number | null;
              /** @description 1 by default */
              composition?: number | null;
              /** @description 1 by default */
              positive?: number | null;
              /** @description 0.5 by default */
              negative?: number | null;
            } | null;
            /** @description Panels (default), or pages, each by its best panel */
            level?: ('panel' | 'page') | null;
            /** @description Results of one response; 10 by default */
            top_k?: number | null;
            /** @description Compare every panel, without the index; false by default */
            exact?: boolean | null;
            /** @description Only panels that fit all of them */
            filters?: {
              book?: string | null;
              page_type?: string | null;
              has_text?: boolean | null;
            } | null;
            /** @description `next_cursor` of the response before, with the same query; up to 1000 results */
            cursor?: string | null;
            /** @description The model that embeds the query; by default a served one with the space of the collection */
            model?: string | null;
          };
          'multipart/form-data': {
            /** @description The JSON of the request */
            request: string;
            /**
             * Format: binary
             * @description The picture to search by
             */
            image: string | string[];
          };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['SearchList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/models': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List models */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['ModelList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/models/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a model */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Model'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    /**
     * Remove a model
     * @description Removes its folder, and keeps its record as `retired`. Refused for a model that an alias, PANELVEC_MODELS or a job uses, or in whose space there are stores or collections.
     */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['RemovedModel'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/models/{id}/card': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show the card of a model */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['ModelCard'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/models/{id}/activate': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Put a model into service under an alias
     * @description Loads the model beside those that run and checks its files, the evaluation, the spaces of collections, its memory and its golden vectors; then requests for the alias use it. If anything is refused, nothing has changed.
     */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: {
        content: {
          'application/json': {
            /**
             * @description The name that requests use; `default` is what those without a model use
             * @default default
             */
            alias?: string | null;
            /** @description An evaluation that the model must pass */
            require?: {
              /**
               * Format: uuid
               * @description Id of an evaluate job that measured both models
               */
              evaluation: string;
              /**
               * @description The model to compare with: `active`, or an id
               * @default active
               */
              no_worse_than?: string | null;
              /**
               * @description How much worse a measure may be, by its name; adds measures to those that are compared, or changes their margin
               * @default {}
               */
              margins?: {
                [key: string]: number;
              } | null;
            } | null;
            /** @description Share of the requests that the model gets as a canary; without it, the model becomes the active one */
            canary?: number | null;
            /**
             * @description Activate the model although collections lose theirs, or although the canary has another space
             * @default false
             */
            force?: boolean | null;
          } | null;
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Alias'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/models/rollback': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** End the canary of an alias, or bring back the model before */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: {
        content: {
          'application/json': {
            /**
             * @description The name that requests use; `default` is what those without a model use
             * @default default
             */
            alias?: string | null;
          } | null;
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Alias'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/aliases': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List what aliases mean */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['AliasList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/aliases/{alias}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    post?: never;
    /**
     * Remove an alias
     * @description `default` then means the first of PANELVEC_MODELS again.
     */
    delete: {
      parameters: {
        query?: {
          /** @description Remove it although collections lose their model */
          force?: 'true' | 'false';
        };
        header?: never;
        path: {
          alias: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['RemovedAlias'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Describe the server */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceServer'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process responds */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceLive'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the service is ready for requests */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceReady'];
          };
        };
        /** @description Default Response */
        503: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceReady'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/models/{model}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Describe a model */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          model: string;
          version: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceModel'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/models/{model}/versions/{version}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Describe a model */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          model: string;
          version: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceModel'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/models/{model}/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether a model is warm */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          model: string;
          version: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceModelReady'];
          };
        };
        /** @description Default Response */
        503: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceModelReady'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/models/{model}/versions/{version}/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether a model is warm */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          model: string;
          version: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceModelReady'];
          };
        };
        /** @description Default Response */
        503: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceModelReady'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/models/{model}/infer': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Infer from raw tensors
     * @description JSON, or JSON of Inference-Header-Content-Length bytes and binary tensors after it.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          model: string;
          version: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            id?: string | null;
            parameters?: {
              binary_data_output?: boolean | null;
            } | null;
            inputs: {
              name: string;
              shape: number[];
              /** @enum {string} */
              datatype: 'FP32' | 'FP64' | 'INT64' | 'INT32' | 'UINT8' | 'BOOL';
              parameters?: {
                /** @description Bytes of this tensor after the JSON, in place of data */
                binary_data_size?: number | null;
                /** @description Respond with this output as binary after the JSON */
                binary_data?: boolean | null;
              } | null;
              /** @description Elements in row-major order, nested or flat */
              data?: unknown | null;
            }[];
            /** @description By default, and for an empty list, every output that the inputs allow */
            outputs?:
              | {
                  name: string;
                  parameters?: {
                    /** @description Bytes of this tensor after the JSON, in place of data */
                    binary_data_size?: number | null;
                    /** @description Respond with this output as binary after the JSON */
                    binary_data?: boolean | null;
                  } | null;
                }[]
              | null;
          } & {
            [key: string]: unknown;
          };
          'application/octet-stream': string;
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['InferAnswer'];
            'application/octet-stream': components['schemas']['InferAnswer'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
            'application/octet-stream': components['schemas']['OpenInferenceError'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
            'application/octet-stream': components['schemas']['OpenInferenceError'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v2/models/{model}/versions/{version}/infer': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /**
     * Infer from raw tensors
     * @description JSON, or JSON of Inference-Header-Content-Length bytes and binary tensors after it.
     */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          model: string;
          version: string;
        };
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json': {
            id?: string | null;
            parameters?: {
              binary_data_output?: boolean | null;
            } | null;
            inputs: {
              name: string;
              shape: number[];
              /** @enum {string} */
              datatype: 'FP32' | 'FP64' | 'INT64' | 'INT32' | 'UINT8' | 'BOOL';
              parameters?: {
                /** @description Bytes of this tensor after the JSON, in place of data */
                binary_data_size?: number | null;
                /** @description Respond with this output as binary after the JSON */
                binary_data?: boolean | null;
              } | null;
              /** @description Elements in row-major order, nested or flat */
              data?: unknown | null;
            }[];
            /** @description By default, and for an empty list, every output that the inputs allow */
            outputs?:
              | {
                  name: string;
                  parameters?: {
                    /** @description Bytes of this tensor after the JSON, in place of data */
                    binary_data_size?: number | null;
                    /** @description Respond with this output as binary after the JSON */
                    binary_data?: boolean | null;
                  } | null;
                }[]
              | null;
          } & {
            [key: string]: unknown;
          };
          'application/octet-stream': string;
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['InferAnswer'];
            'application/octet-stream': components['schemas']['InferAnswer'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
            'application/octet-stream': components['schemas']['OpenInferenceError'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['OpenInferenceError'];
            'application/octet-stream': components['schemas']['OpenInferenceError'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Describe the service; browsers get its page */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Root'];
            'text/html': components['schemas']['Root'];
          };
        };
        /** @description For browsers, where the page is not built */
        503: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': string;
            'text/html': string;
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/live': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the process responds */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Live'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the service is ready for requests */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Ready'];
          };
        };
        /** @description Default Response */
        503: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Ready'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/health/ready': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Whether the service is ready for requests */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Ready'];
          };
        };
        /** @description Default Response */
        503: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Ready'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/access': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show what the caller may do */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Access'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/metrics': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Prometheus metrics */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description In the text format of Prometheus */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'text/plain': string;
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/status': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show how the service is */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Status'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List jobs, newest first */
    get: {
      parameters: {
        query?: {
          state?: 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
          type?: 'embed' | 'train' | 'evaluate' | 'index';
          limit?: number;
          /** @description Jobs older than this one */
          after?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['JobList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    /** Submit a job */
    post: {
      parameters: {
        query?: never;
        header?: {
          /** @description The same key and spec give the same job again */
          'idempotency-key'?: string;
        };
        path?: never;
        cookie?: never;
      };
      requestBody: {
        content: {
          'application/json':
            | {
                /** @enum {string} */
                type: 'embed';
                /** @description `name` or `name@version`; the model of the alias `default` without it */
                model?: string | null;
                /** @description Name of the store, in the folder stores of PANELVEC_HOME */
                output: string;
                dataset: {
                  /**
                   * @description CSV file with the columns canonical_id and absolute_image_path; paths may be relative to its folder.
                   * @default null
                   */
                  manifest?: string | null;
                  /**
                   * @description In place of a manifest: a folder of images or CBZ files, or one CBZ file.
                   * @default null
                   */
                  pages?: string | null;
                  /**
                   * @description The encoding of the manifest, or of file names in archives, if it is not UTF-8, such as windows-1252.
                   * @default null
                   */
                  encoding?: string | null;
                  /**
                   * @description Beginnings of image paths in the manifest, and the folders that take their place.
                   * @default {}
                   */
                  path_map?: {
                    [key: string]: string;
                  } | null;
                  /**
                   * @description JSON file of page types: {id: type}, {book: {page: type}}, or a list of books with ranges of pages; null: all pages are taken.
                   * @default null
                   */
                  pss_labels?: string | null;
                  /**
                   * @description The panels of the pages. With `pages` they may be absent: then each page is one panel.
                   * @default {}
                   */
                  panels?: {
                    /**
                     * @description What the panel files hold; `auto` finds out from each file.
                     * @default auto
                     */
                    format?: ('auto' | 'vlm' | 'ocr' | 'kumiko' | 'coco' | 'magi' | 'mokuro' | 'whole_page') | null;
                    /**
                     * @description Folder of the panel files, <canonical_id>.json each, or one file for many pages; null with `whole_page`.
                     * @default null
                     */
                    root?: string | null;
                    /**
                     * @description The unit of boxes: fractions of the page, thousandths, or pixels; null: that of the format.
                     * @default null
                     */
                    box_scale?: (1 | 1000 | 'pixels') | null;
                    /**
                     * @description The order of the four numbers of a box; null: that of the format.
                     * @default null
                     */
                    box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
                    /**
                     * @description The order of panels where the format has none of its own: left to right, or right to left.
                     * @default ltr
                     */
                    reading_order?: ('ltr' | 'rtl') | null;
                    /**
                     * @description Files with the texts of panels, where the panel files have none.
                     * @default null
                     */
                    texts?: {
                      /** @enum {string} */
                      format: 'mokuro';
                      root: string;
                    } | null;
                  } | null;
                  /**
                   * @description How images are read.
                   * @default {}
                   */
                  images?: {
                    /**
                     * @description Formats to read beside JPEG, PNG, WebP and AVIF; of several frames or pages the first.
                     * @default []
                     */
                    formats?: ('gif' | 'tiff')[] | null;
                    /**
                     * @description Whether truncated JPEG files are read as far as they go, and noted.
                     * @default false
                     */
                    tolerant?: boolean | null;
                  } | null;
                  /**
                   * @description Only pages of the types narrative and story.
                   * @default true
                   */
                  only_narrative?: boolean | null;
                  /**
                   * @description Maximum number of panels per page; further ones are left out.
                   * @default 16
                   */
                  max_panels_per_page?: number | null;
                  /**
                   * @description Maximum number of pages, the first of the index; null: all.
                   * @default null
                   */
                  limit?: number | null;
                  /**
                   * @description `bridged` matches ids that labels, manifest and panel files write differently; `exact` does not.
                   * @default bridged
                   */
                  identifiers?: ('bridged' | 'exact') | null;
                };
                /**
                 * @description Pages without panels, or unreadable: `zero_vector` sets their first mask to true, over a vector of zeros, as the original does; `masked` sets none.
                 * @default zero_vector
                 */
                empty_pages?: ('zero_vector' | 'masked') | null;
                /**
                 * @description Share of pages that may be unreadable; more of them fail the job
                 * @default 0.1
                 */
                max_bad_pages?: number | null;
                /**
                 * @description Only check the dataset: read all files, decode no pixel, and report what would be embedded. Writes no store.
                 * @default false
                 */
                dry_run?: boolean | null;
              }
            | {
                /** @enum {string} */
                type: 'train';
                /** @description Name of the trained model */
                output: string;
                /**
                 * @description For the model card
                 * @default
                 */
                description?: string | null;
                /** @default {} */
                model?: {
                  /**
                   * @description Model whose encoders are used, as `name` or `name@version`; null: that of the alias `default`.
                   * @default null
                   */
                  base?: (string | null) | null;
                  /**
                   * @description Name of one of the visual backbones of the base, or `both`.
                   * @default null
                   */
                  visual_backbone?: string | null;
                  /**
                   * @description How the features of two backbones are combined.
                   * @default null
                   */
                  visual_fusion?: ('attention' | 'gate' | 'concat' | 'single') | null;
                  /**
                   * @description Dimensions of all vectors.
                   * @default null
                   */
                  feature_dim?: number | null;
                  /**
                   * @description Whether the gate sees which modalities are present.
                   * @default null
                   */
                  use_modality_indicators?: (boolean | null) | null;
                  /**
                   * @description `present` leaves absent modalities out; `reference` is the behaviour of the original.
                   * @default null
                   */
                  fusion_mode?: ('present' | 'reference') | null;
                  /**
                   * @description What is done to the features of the visual backbones first: `signed_sqrt` is sign(x) sqrt(|x|).
                   * @default null
                   */
                  vision_transform?: ('none' | 'signed_sqrt') | null;
                  /**
                   * @description What is done to the features of the text encoder first: `unit_length` divides them by their norm.
                   * @default null
                   */
                  text_transform?: ('none' | 'unit_length') | null;
                  /**
                   * @description Number of tokens that texts are truncated to.
                   * @default null
                   */
                  max_text_length?: number | null;
                  /**
                   * @description Side of the images in pixels; must be that of the base.
                   * @default null
                   */
                  image_size?: number | null;
                } | null;
                dataset: {
                  /**
                   * @description CSV file with the columns canonical_id and absolute_image_path; paths may be relative to its folder.
                   * @default null
                   */
                  manifest?: string | null;
                  /**
                   * @description In place of a manifest: a folder of images or CBZ files, or one CBZ file.
                   * @default null
                   */
                  pages?: string | null;
                  /**
                   * @description The encoding of the manifest, or of file names in archives, if it is not UTF-8, such as windows-1252.
                   * @default null
                   */
                  encoding?: string | null;
                  /**
                   * @description Beginnings of image paths in the manifest, and the folders that take their place.
                   * @default {}
                   */
                  path_map?: {
                    [key: string]: string;
                  } | null;
                  /**
                   * @description JSON file of page types: {id: type}, {book: {page: type}}, or a list of books with ranges of pages; null: all pages are taken.
                   * @default null
                   */
                  pss_labels?: string | null;
                  /**
                   * @description The panels of the pages. With `pages` they may be absent: then each page is one panel.
                   * @default {}
                   */
                  panels?: {
                    /**
                     * @description What the panel files hold; `auto` finds out from each file.
                     * @default auto
                     */
                    format?: ('auto' | 'vlm' | 'ocr' | 'kumiko' | 'coco' | 'magi' | 'mokuro' | 'whole_page') | null;
                    /**
                     * @description Folder of the panel files, <canonical_id>.json each, or one file for many pages; null with `whole_page`.
                     * @default null
                     */
                    root?: string | null;
                    /**
                     * @description The unit of boxes: fractions of the page, thousandths, or pixels; null: that of the format.
                     * @default null
                     */
                    box_scale?: (1 | 1000 | 'pixels') | null;
                    /**
                     * @description The order of the four numbers of a box; null: that of the format.
                     * @default null
                     */
                    box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
                    /**
                     * @description The order of panels where the format has none of its own: left to right, or right to left.
                     * @default ltr
                     */
                    reading_order?: ('ltr' | 'rtl') | null;
                    /**
                     * @description Files with the texts of panels, where the panel files have none.
                     * @default null
                     */
                    texts?: {
                      /** @enum {string} */
                      format: 'mokuro';
                      root: string;
                    } | null;
                  } | null;
                  /**
                   * @description How images are read.
                   * @default {}
                   */
                  images?: {
                    /**
                     * @description Formats to read beside JPEG, PNG, WebP and AVIF; of several frames or pages the first.
                     * @default []
                     */
                    formats?: ('gif' | 'tiff')[] | null;
                    /**
                     * @description Whether truncated JPEG files are read as far as they go, and noted.
                     * @default false
                     */
                    tolerant?: boolean | null;
                  } | null;
                  /**
                   * @description Only pages of the types narrative and story.
                   * @default true
                   */
                  only_narrative?: boolean | null;
                  /**
                   * @description Maximum number of panels per page; further ones are left out.
                   * @default 16
                   */
                  max_panels_per_page?: number | null;
                  /**
                   * @description Maximum number of pages, the first of the index; null: all.
                   * @default null
                   */
                  limit?: number | null;
                  /**
                   * @description `bridged` matches ids that labels, manifest and panel files write differently; `exact` does not.
                   * @default bridged
                   */
                  identifiers?: ('bridged' | 'exact') | null;
                  /**
                   * @description Page types of the pages that are held out for validation, in the format of pss_labels. None of them is trained on.
                   * @default null
                   */
                  val_pss_labels?: string | null;
                  /**
                   * @description Fraction of the pages that is held out, as whole books where there are several; null: 0.1, or 0 beside val_pss_labels.
                   * @default null
                   */
                  val_fraction?: number | null;
                };
                /** @default {} */
                training?: {
                  /**
                   * @description 0 only with the initial_head closed_form: the head is then fitted, and takes no step.
                   * @default 20
                   */
                  epochs?: number | null;
                  /**
                   * @description Pages per step.
                   * @default 8
                   */
                  batch_size?: number | null;
                  /**
                   * @description Pages that are computed at a time, whose gradients are added up; null: the whole batch. Each micro-batch has its own negatives.
                   * @default null
                   */
                  micro_batch_size?: number | null;
                  /**
                   * @description Learning rate of the head at its peak.
                   * @default 0.0001
                   */
                  learning_rate?: number | null;
                  /**
                   * @description Learning rate of the encoders at its peak, where they are trained; null: a tenth of learning_rate.
                   * @default null
                   */
                  backbone_learning_rate?: number | null;
                  /**
                   * @description Learning rate of the head at the end of the cosine decay; null: a hundredth of learning_rate.
                   * @default null
                   */
                  min_learning_rate?: number | null;
                  /**
                   * @description Epochs of linear warm-up to the peak of the learning rate.
                   * @default 1
                   */
                  warmup_epochs?: number | null;
                  /** @default 0.01 */
                  weight_decay?: number | null;
                  /**
                   * @description Norm that longer gradients are clipped to; null: no clipping.
                   * @default 1
                   */
                  max_grad_norm?: number | null;
                  /** @default 0.1 */
                  dropout?: number | null;
                  /**
                   * @description Whether only the head is trained. The features of the encoders are then computed once per panel.
                   * @default true
                   */
                  freeze_backbones?: boolean | null;
                  /**
                   * @description Initial head: `seeded` preserves the geometry of the encoders; `base` is the head of the base model; `closed_form` is fitted to the pages to train on.
                   * @default seeded
                   */
                  initial_head?: ('seeded' | 'base' | 'closed_form') | null;
                  /**
                   * @description How the initial_head closed_form is fitted.
                   * @default {}
                   */
                  closed_form?: {
                    /**
                     * @description Numbers of a vector for components of the picture; null: five eighths, or those that are left.
                     * @default null
                     */
                    picture_components?: number | null;
                    /**
                     * @description Numbers of a vector in which words and pictures meet; null: those that are left.
                     * @default null
                     */
                    aligned_components?: number | null;
                    /**
                     * @description Weight of the differences between panels of a page, beside those between views of a panel.
                     * @default 1
                     */
                    page_weight?: number | null;
                    /**
                     * @description Added to the variances of these differences, whose mean is 1: large values leave the pictures as they are.
                     * @default 1
                     */
                    shrinkage?: number | null;
                    /**
                     * @description Length of the components of the picture in a visual vector, in lengths of its aligned numbers.
                     * @default 2.5
                     */
                    picture_scale?: number | null;
                    /**
                     * @description Penalty of the regression from pictures to texts, in variances of a standardised feature.
                     * @default 10
                     */
                    ridge?: number | null;
                    /**
                     * @description How far the texts are whitened: each of their directions is divided by its variance to this power.
                     * @default 0.125
                     */
                    text_whitening?: number | null;
                    /**
                     * @description Smaller variances of directions of the texts count as this fraction of the largest.
                     * @default 0.001
                     */
                    text_floor?: number | null;
                    /**
                     * @description How often the directions that tell the aspect ratio and the area of a panel are taken out of its picture; 0: never.
                     * @default 2
                     */
                    layout_passes?: number | null;
                    /**
                     * @description Penalty of the regressions that find these directions. A larger one takes out more of the picture.
                     * @default 3
                     */
                    layout_ridge?: number | null;
                    /**
                     * @description Shares of the modalities in the fused vector; those of the present ones are scaled to the sum 1.
                     * @default {}
                     */
                    gate?: {
                      /** @default 0.62 */
                      vision?: number | null;
                      /** @default 0.36 */
                      text?: number | null;
                      /** @default 0.02 */
                      composition?: number | null;
                    } | null;
                  } | null;
                  /**
                   * @description Temperature of the cosines in the contrastive and alignment objectives.
                   * @default 0.07
                   */
                  temperature?: number | null;
                  /**
                   * @description Weights of the objectives in the loss; 0 disables an objective.
                   * @default {}
                   */
                  weights?: {
                    /**
                     * @description Pulls panels of one page together, and panels of different pages apart.
                     * @default 1
                     */
                    contrastive?: number | null;
                    /**
                     * @description Predicts a hidden panel from the other panels of its page.
                     * @default 0.5
                     */
                    reconstruction?: number | null;
                    /**
                     * @description Pulls the image vector and the text vector of a panel together, before fusion.
                     * @default 0.3
                     */
                    alignment?: number | null;
                    /**
                     * @description Pulls the fused vectors of the image alone and of the text alone to that of the whole panel. Only with fusion_mode present.
                     * @default 1
                     */
                    fused_alignment?: number | null;
                  } | null;
                  /**
                   * @description Whether texts are also aligned to images; the original aligns images to texts only.
                   * @default true
                   */
                  symmetric_alignment?: boolean | null;
                  /**
                   * @description Whether the reconstruction objective has no gradient to the hidden panel; in the original it has one.
                   * @default true
                   */
                  detach_target?: boolean | null;
                  /**
                   * @description Fraction of the panels with image and text that are shown by one of the two alone.
                   * @default 0.3
                   */
                  modality_dropout?: number | null;
                  /**
                   * @description Random parts of each panel, in changed colours, some of them small and compressed, that are shown in place of its picture in turn; 16 are usual. Only with freeze_backbones.
                   * @default 0
                   */
                  views?: number | null;
                  /**
                   * @description Text of a panel that has description and lettering: `joined` is both as one text; `drawn` is the description, the lettering or both, drawn for each step. Only with freeze_backbones.
                   * @default joined
                   */
                  texts?: ('joined' | 'drawn') | null;
                  /**
                   * @description Decay of an exponential moving average of the weights, which is validated and becomes the model, such as 0.99; null: no averaging.
                   * @default null
                   */
                  weight_averaging?: number | null;
                  /**
                   * @description Pages of one book that stay together in a batch; 1: books are mixed.
                   * @default 1
                   */
                  hard_negatives?: number | null;
                  /** @default 42 */
                  seed?: number | null;
                  /**
                   * @description Epochs between checkpoints.
                   * @default 1
                   */
                  save_every?: number | null;
                  /**
                   * @description Steps between checkpoints within an epoch.
                   * @default 1000
                   */
                  save_every_steps?: number | null;
                  /**
                   * @description Steps between two records of the history.
                   * @default 10
                   */
                  log_interval?: number | null;
                  /**
                   * @description Metric of the validation that chooses the best epoch; the head before the first step counts as epoch 0.
                   * @default validation_loss
                   */
                  best_by?:
                    | (
                        | 'validation_loss'
                        | 'mean_retrieval'
                        | 'image_to_panel_recall_at_1'
                        | 'text_to_panel_recall_at_5'
                        | 'text_to_image_recall_at_5'
                        | 'same_page_precision'
                        | 'description_to_panel_recall_at_5'
                        | 'description_to_image_recall_at_5'
                      )
                    | null;
                  /**
                   * @description Epochs without a new best one after which the training stops; null: never.
                   * @default null
                   */
                  early_stopping_epochs?: number | null;
                  /**
                   * @description Steps with a number that is not finite, which are skipped, before the training fails.
                   * @default 100
                   */
                  max_skipped_steps?: number | null;
                } | null;
                /**
                 * @description Share of pages that may be unreadable; more of them fail the job
                 * @default 0.1
                 */
                max_bad_pages?: number | null;
              }
            | {
                /** @enum {string} */
                type: 'evaluate';
                /** @description Name of the evaluation, in the folder evaluations of PANELVEC_HOME */
                output: string;
                dataset: {
                  /**
                   * @description CSV file with the columns canonical_id and absolute_image_path; paths may be relative to its folder.
                   * @default null
                   */
                  manifest?: string | null;
                  /**
                   * @description In place of a manifest: a folder of images or CBZ files, or one CBZ file.
                   * @default null
                   */
                  pages?: string | null;
                  /**
                   * @description The encoding of the manifest, or of file names in archives, if it is not UTF-8, such as windows-1252.
                   * @default null
                   */
                  encoding?: string | null;
                  /**
                   * @description Beginnings of image paths in the manifest, and the folders that take their place.
                   * @default {}
                   */
                  path_map?: {
                    [key: string]: string;
                  } | null;
                  /**
                   * @description JSON file of page types: {id: type}, {book: {page: type}}, or a list of books with ranges of pages; null: all pages are taken.
                   * @default null
                   */
                  pss_labels?: string | null;
                  /**
                   * @description The panels of the pages. With `pages` they may be absent: then each page is one panel.
                   * @default {}
                   */
                  panels?: {
                    /**
                     * @description What the panel files hold; `auto` finds out from each file.
                     * @default auto
                     */
                    format?: ('auto' | 'vlm' | 'ocr' | 'kumiko' | 'coco' | 'magi' | 'mokuro' | 'whole_page') | null;
                    /**
                     * @description Folder of the panel files, <canonical_id>.json each, or one file for many pages; null with `whole_page`.
                     * @default null
                     */
                    root?: string | null;
                    /**
                     * @description The unit of boxes: fractions of the page, thousandths, or pixels; null: that of the format.
                     * @default null
                     */
                    box_scale?: (1 | 1000 | 'pixels') | null;
                    /**
                     * @description The order of the four numbers of a box; null: that of the format.
                     * @default null
                     */
                    box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
                    /**
                     * @description The order of panels where the format has none of its own: left to right, or right to left.
                     * @default ltr
                     */
                    reading_order?: ('ltr' | 'rtl') | null;
                    /**
                     * @description Files with the texts of panels, where the panel files have none.
                     * @default null
                     */
                    texts?: {
                      /** @enum {string} */
                      format: 'mokuro';
                      root: string;
                    } | null;
                  } | null;
                  /**
                   * @description How images are read.
                   * @default {}
                   */
                  images?: {
                    /**
                     * @description Formats to read beside JPEG, PNG, WebP and AVIF; of several frames or pages the first.
                     * @default []
                     */
                    formats?: ('gif' | 'tiff')[] | null;
                    /**
                     * @description Whether truncated JPEG files are read as far as they go, and noted.
                     * @default false
                     */
                    tolerant?: boolean | null;
                  } | null;
                  /**
                   * @description Only pages of the types narrative and story.
                   * @default true
                   */
                  only_narrative?: boolean | null;
                  /**
                   * @description Maximum number of panels per page; further ones are left out.
                   * @default 16
                   */
                  max_panels_per_page?: number | null;
                  /**
                   * @description Maximum number of pages, the first of the index; null: all.
                   * @default null
                   */
                  limit?: number | null;
                  /**
                   * @description `bridged` matches ids that labels, manifest and panel files write differently; `exact` does not.
                   * @default bridged
                   */
                  identifiers?: ('bridged' | 'exact') | null;
                };
                /**
                 * @description Page types of the pages that are measured, in the format of pss_labels. All others are trained on.
                 * @default null
                 */
                test_pss_labels?: string | null;
                /**
                 * @description Folds of whole books: each is measured once, and trained on otherwise. null: six, or as many as there are books, if anything is trained and there are no test_pss_labels.
                 * @default null
                 */
                folds?: number | null;
                /**
                 * @description Models to measure as they are, as `name` or `name@version`.
                 * @default []
                 */
                models?: string[] | null;
                /**
                 * @description Recipes that are trained on each fold, or on all pages that test_pss_labels does not name.
                 * @default []
                 */
                trainings?:
                  | {
                      /** @description Its name in the report */
                      name: string;
                      /**
                       * @description As in a job of the type train
                       * @default {}
                       */
                      model?: {
                        /**
                         * @description Model whose encoders are used, as `name` or `name@version`; null: that of the alias `default`.
                         * @default null
                         */
                        base?: (string | null) | null;
                        /**
                         * @description Name of one of the visual backbones of the base, or `both`.
                         * @default null
                         */
                        visual_backbone?: string | null;
                        /**
                         * @description How the features of two backbones are combined.
                         * @default null
                         */
                        visual_fusion?: ('attention' | 'gate' | 'concat' | 'single') | null;
                        /**
                         * @description Dimensions of all vectors.
                         * @default null
                         */
                        feature_dim?: number | null;
                        /**
                         * @description Whether the gate sees which modalities are present.
                         * @default null
                         */
                        use_modality_indicators?: (boolean | null) | null;
                        /**
                         * @description `present` leaves absent modalities out; `reference` is the behaviour of the original.
                         * @default null
                         */
                        fusion_mode?: ('present' | 'reference') | null;
                        /**
                         * @description What is done to the features of the visual backbones first: `signed_sqrt` is sign(x) sqrt(|x|).
                         * @default null
                         */
                        vision_transform?: ('none' | 'signed_sqrt') | null;
                        /**
                         * @description What is done to the features of the text encoder first: `unit_length` divides them by their norm.
                         * @default null
                         */
                        text_transform?: ('none' | 'unit_length') | null;
                        /**
                         * @description Number of tokens that texts are truncated to.
                         * @default null
                         */
                        max_text_length?: number | null;
                        /**
                         * @description Side of the images in pixels; must be that of the base.
                         * @default null
                         */
                        image_size?: number | null;
                      } | null;
                      /**
                       * @description As in a job of the type train; the encoders stay frozen.
                       * @default {}
                       */
                      training?: {
                        /**
                         * @description 0 only with the initial_head closed_form: the head is then fitted, and takes no step.
                         * @default 20
                         */
                        epochs?: number | null;
                        /**
                         * @description Pages per step.
                         * @default 8
                         */
                        batch_size?: number | null;
                        /**
                         * @description Pages that are computed at a time, whose gradients are added up; null: the whole batch. Each micro-batch has its own negatives.
                         * @default null
                         */
                        micro_batch_size?: number | null;
                        /**
                         * @description Learning rate of the head at its peak.
                         * @default 0.0001
                         */
                        learning_rate?: number | null;
                        /**
                         * @description Learning rate of the encoders at its peak, where they are trained; null: a tenth of learning_rate.
                         * @default null
                         */
                        backbone_learning_rate?: number | null;
                        /**
                         * @description Learning rate of the head at the end of the cosine decay; null: a hundredth of learning_rate.
                         * @default null
                         */
                        min_learning_rate?: number | null;
                        /**
                         * @description Epochs of linear warm-up to the peak of the learning rate.
                         * @default 1
                         */
                        warmup_epochs?: number | null;
                        /** @default 0.01 */
                        weight_decay?: number | null;
                        /**
                         * @description Norm that longer gradients are clipped to; null: no clipping.
                         * @default 1
                         */
                        max_grad_norm?: number | null;
                        /** @default 0.1 */
                        dropout?: number | null;
                        /**
                         * @description Whether only the head is trained. The features of the encoders are then computed once per panel.
                         * @default true
                         */
                        freeze_backbones?: boolean | null;
                        /**
                         * @description Initial head: `seeded` preserves the geometry of the encoders; `base` is the head of the base model; `closed_form` is fitted to the pages to train on.
                         * @default seeded
                         */
                        initial_head?: ('seeded' | 'base' | 'closed_form') | null;
                        /**
                         * @description How the initial_head closed_form is fitted.
                         * @default {}
                         */
                        closed_form?: {
                          /**
                           * @description Numbers of a vector for components of the picture; null: five eighths, or those that are left.
                           * @default null
                           */
                          picture_components?: number | null;
                          /**
                           * @description Numbers of a vector in which words and pictures meet; null: those that are left.
                           * @default null
                           */
                          aligned_components?: number | null;
                          /**
                           * @description Weight of the differences between panels of a page, beside those between views of a panel.
                           * @default 1
                           */
                          page_weight?: number | null;
                          /**
                           * @description Added to the variances of these differences, whose mean is 1: large values leave the pictures as they are.
                           * @default 1
                           */
                          shrinkage?: number | null;
                          /**
                           * @description Length of the components of the picture in a visual vector, in lengths of its aligned numbers.
                           * @default 2.5
                           */
                          picture_scale?: number | null;
                          /**
                           * @description Penalty of the regression from pictures to texts, in variances of a standardised feature.
                           * @default 10
                           */
                          ridge?: number | null;
                          /**
                           * @description How far the texts are whitened: each of their directions is divided by its variance to this power.
                           * @default 0.125
                           */
                          text_whitening?: number | null;
                          /**
                           * @description Smaller variances of directions of the texts count as this fraction of the largest.
                           * @default 0.001
                           */
                          text_floor?: number | null;
                          /**
                           * @description How often the directions that tell the aspect ratio and the area of a panel are taken out of its picture; 0: never.
                           * @default 2
                           */
                          layout_passes?: number | null;
                          /**
                           * @description Penalty of the regressions that find these directions. A larger one takes out more of the picture.
                           * @default 3
                           */
                          layout_ridge?: number | null;
                          /**
                           * @description Shares of the modalities in the fused vector; those of the present ones are scaled to the sum 1.
                           * @default {}
                           */
                          gate?: {
                            /** @default 0.62 */
                            vision?: number | null;
                            /** @default 0.36 */
                            text?: number | null;
                            /** @default 0.02 */
                            composition?: number | null;
                          } | null;
                        } | null;
                        /**
                         * @description Temperature of the cosines in the contrastive and alignment objectives.
                         * @default 0.07
                         */
                        temperature?: number | null;
                        /**
                         * @description Weights of the objectives in the loss; 0 disables an objective.
                         * @default {}
                         */
                        weights?: {
                          /**
                           * @description Pulls panels of one page together, and panels of different pages apart.
                           * @default 1
                           */
                          contrastive?: number | null;
                          /**
                           * @description Predicts a hidden panel from the other panels of its page.
                           * @default 0.5
                           */
                          reconstruction?: number | null;
                          /**
                           * @description Pulls the image vector and the text vector of a panel together, before fusion.
                           * @default 0.3
                           */
                          alignment?: number | null;
                          /**
                           * @description Pulls the fused vectors of the image alone and of the text alone to that of the whole panel. Only with fusion_mode present.
                           * @default 1
                           */
                          fused_alignment?: number | null;
                        } | null;
                        /**
                         * @description Whether texts are also aligned to images; the original aligns images to texts only.
                         * @default true
                         */
                        symmetric_alignment?: boolean | null;
                        /**
                         * @description Whether the reconstruction objective has no gradient to the hidden panel; in the original it has one.
                         * @default true
                         */
                        detach_target?: boolean | null;
                        /**
                         * @description Fraction of the panels with image and text that are shown by one of the two alone.
                         * @default 0.3
                         */
                        modality_dropout?: number | null;
                        /**
                         * @description Random parts of each panel, in changed colours, some of them small and compressed, that are shown in place of its picture in turn; 16 are usual. Only with freeze_backbones.
                         * @default 0
                         */
                        views?: number | null;
                        /**
                         * @description Text of a panel that has description and lettering: `joined` is both as one text; `drawn` is the description, the lettering or both, drawn for each step. Only with freeze_backbones.
                         * @default joined
                         */
                        texts?: ('joined' | 'drawn') | null;
                        /**
                         * @description Decay of an exponential moving average of the weights, which is validated and becomes the model, such as 0.99; null: no averaging.
                         * @default null
                         */
                        weight_averaging?: number | null;
                        /**
                         * @description Pages of one book that stay together in a batch; 1: books are mixed.
                         * @default 1
                         */
                        hard_negatives?: number | null;
                        /** @default 42 */
                        seed?: number | null;
                        /**
                         * @description Epochs between checkpoints.
                         * @default 1
                         */
                        save_every?: number | null;
                        /**
                         * @description Steps between checkpoints within an epoch.
                         * @default 1000
                         */
                        save_every_steps?: number | null;
                        /**
                         * @description Steps between two records of the history.
                         * @default 10
                         */
                        log_interval?: number | null;
                        /**
                         * @description Metric of the validation that chooses the best epoch; the head before the first step counts as epoch 0.
                         * @default validation_loss
                         */
                        best_by?:
                          | (
                              | 'validation_loss'
                              | 'mean_retrieval'
                              | 'image_to_panel_recall_at_1'
                              | 'text_to_panel_recall_at_5'
                              | 'text_to_image_recall_at_5'
                              | 'same_page_precision'
                              | 'description_to_panel_recall_at_5'
                              | 'description_to_image_recall_at_5'
                            )
                          | null;
                        /**
                         * @description Epochs without a new best one after which the training stops; null: never.
                         * @default null
                         */
                        early_stopping_epochs?: number | null;
                        /**
                         * @description Steps with a number that is not finite, which are skipped, before the training fails.
                         * @default 100
                         */
                        max_skipped_steps?: number | null;
                      } | null;
                      /**
                       * @description Fraction of the training pages of each fold that is held out to choose the best epoch.
                       * @default 0
                       */
                      val_fraction?: number | null;
                    }[]
                  | null;
                /**
                 * @description `v1`: the fusion of the first version; `reference`: that of the original Stage 3; both trained on the same pages. `raw`: the features of the encoders, standardised and concatenated.
                 * @default []
                 */
                baselines?: ('v1' | 'reference' | 'raw')[] | null;
                /**
                 * @description Model whose encoders the baselines use; null: the first of models, or the base of the first training.
                 * @default null
                 */
                baseline_model?: string | null;
                /**
                 * @description Epochs of the baselines; null: as many as the longest training has, and at least 20.
                 * @default null
                 */
                baseline_epochs?: number | null;
                /**
                 * @description Of the folds, the intervals, the clustering and the baselines.
                 * @default 42
                 */
                seed?: number | null;
                /**
                 * @description Share of pages that may be unreadable; more of them fail the job
                 * @default 0.1
                 */
                max_bad_pages?: number | null;
              }
            | {
                /** @enum {string} */
                type: 'index';
                /** @description Name of the collection. It takes the place of one of the same name when it is ready */
                output: string;
                /** @description The panels to embed; either this or `store` */
                dataset?: {
                  /**
                   * @description CSV file with the columns canonical_id and absolute_image_path; paths may be relative to its folder.
                   * @default null
                   */
                  manifest?: string | null;
                  /**
                   * @description In place of a manifest: a folder of images or CBZ files, or one CBZ file.
                   * @default null
                   */
                  pages?: string | null;
                  /**
                   * @description The encoding of the manifest, or of file names in archives, if it is not UTF-8, such as windows-1252.
                   * @default null
                   */
                  encoding?: string | null;
                  /**
                   * @description Beginnings of image paths in the manifest, and the folders that take their place.
                   * @default {}
                   */
                  path_map?: {
                    [key: string]: string;
                  } | null;
                  /**
                   * @description JSON file of page types: {id: type}, {book: {page: type}}, or a list of books with ranges of pages; null: all pages are taken.
                   * @default null
                   */
                  pss_labels?: string | null;
                  /**
                   * @description The panels of the pages. With `pages` they may be absent: then each page is one panel.
                   * @default {}
                   */
                  panels?: {
                    /**
                     * @description What the panel files hold; `auto` finds out from each file.
                     * @default auto
                     */
                    format?: ('auto' | 'vlm' | 'ocr' | 'kumiko' | 'coco' | 'magi' | 'mokuro' | 'whole_page') | null;
                    /**
                     * @description Folder of the panel files, <canonical_id>.json each, or one file for many pages; null with `whole_page`.
                     * @default null
                     */
                    root?: string | null;
                    /**
                     * @description The unit of boxes: fractions of the page, thousandths, or pixels; null: that of the format.
                     * @default null
                     */
                    box_scale?: (1 | 1000 | 'pixels') | null;
                    /**
                     * @description The order of the four numbers of a box; null: that of the format.
                     * @default null
                     */
                    box_order?: ('yxyx' | 'xyxy' | 'xywh') | null;
                    /**
                     * @description The order of panels where the format has none of its own: left to right, or right to left.
                     * @default ltr
                     */
                    reading_order?: ('ltr' | 'rtl') | null;
                    /**
                     * @description Files with the texts of panels, where the panel files have none.
                     * @default null
                     */
                    texts?: {
                      /** @enum {string} */
                      format: 'mokuro';
                      root: string;
                    } | null;
                  } | null;
                  /**
                   * @description How images are read.
                   * @default {}
                   */
                  images?: {
                    /**
                     * @description Formats to read beside JPEG, PNG, WebP and AVIF; of several frames or pages the first.
                     * @default []
                     */
                    formats?: ('gif' | 'tiff')[] | null;
                    /**
                     * @description Whether truncated JPEG files are read as far as they go, and noted.
                     * @default false
                     */
                    tolerant?: boolean | null;
                  } | null;
                  /**
                   * @description Only pages of the types narrative and story.
                   * @default true
                   */
                  only_narrative?: boolean | null;
                  /**
                   * @description Maximum number of panels per page; further ones are left out.
                   * @default 16
                   */
                  max_panels_per_page?: number | null;
                  /**
                   * @description Maximum number of pages, the first of the index; null: all.
                   * @default null
                   */
                  limit?: number | null;
                  /**
                   * @description `bridged` matches ids that labels, manifest and panel files write differently; `exact` does not.
                   * @default bridged
                   */
                  identifiers?: ('bridged' | 'exact') | null;
                } | null;
                /** @description The output of a finished `embed` job, in place of `dataset` */
                store?: string | null;
                /** @description `name` or `name@version`, for `dataset`; the model of the alias `default` without it. A store has its own */
                model?: string | null;
                /**
                 * @description Share of pages that may be unreadable; more of them fail the job
                 * @default 0.1
                 */
                max_bad_pages?: number | null;
              };
        };
      };
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Job'];
          };
        };
        /** @description Default Response */
        202: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Job'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a job */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Job'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{id}/cancel': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    get?: never;
    put?: never;
    /** Cancel a job */
    post: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Job'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{id}/events': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Watch a job */
    get: {
      parameters: {
        query?: never;
        header?: {
          /** @description Only events after this one */
          'last-event-id'?: string;
        };
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Events `job`, each with the job as its data */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': string;
            'text/event-stream': string;
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'text/event-stream': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'text/event-stream': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{id}/artifacts': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List the artefacts of a job */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['ArtifactList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{id}/artifacts/{*}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Download an artefact, or a file of one that is a folder */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
          '*': string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': unknown;
            'application/octet-stream': unknown;
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/octet-stream': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/octet-stream': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/jobs/{id}/history': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show the history of a training */
    get: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['History'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/audit': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * List what was changed, newest first
     * @description Jobs, models, aliases, keys and collections: who changed what, and when.
     */
    get: {
      parameters: {
        query?: {
          action?:
            | 'alias.remove'
            | 'collection.delete'
            | 'job.cancel'
            | 'job.submit'
            | 'key.create'
            | 'key.revoke'
            | 'model.activate'
            | 'model.canary_end'
            | 'model.remove'
            | 'model.rollback';
          /** @description Lines about this id or name alone */
          subject?: string;
          limit?: number;
          /** @description Lines older than this one */
          after?: string;
        };
        header?: never;
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['AuditList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** List collections */
    get: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path?: never;
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['CollectionList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a collection */
    get: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Collection'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    /**
     * Delete a collection
     * @description The pages and the stores that it was made of stay.
     */
    delete: {
      parameters: {
        query?: never;
        header?: never;
        path: {
          /** @description The name of the collection */
          collection: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['DeletedCollection'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}/facets': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Count the panels of each book and type of page */
    get: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['CollectionFacets'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}/map': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show the map of a collection: its clusters and legends */
    get: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['CollectionMap'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}/map/points': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Download the points of the map of a collection
     * @description Little-endian: version 1 and the number of points n, uint32; x and y of each point, float32; n ids of 8 bytes; n books, uint16 (65535: not in the legend); n types of pages, uint8 (255: not in the legend); n clusters, uint8.
     */
    get: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': unknown;
            'application/octet-stream': unknown;
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/octet-stream': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'application/octet-stream': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}/panels': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /**
     * Show panels by their ids
     * @description In the order of the ids. Ids that the collection lacks are left out.
     */
    get: {
      parameters: {
        query: {
          /** @description Ids of panels, with commas between them; at most 100 */
          ids: string;
        };
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['CollectionPanelList'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}/panels/{id}': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** Show a panel with its page */
    get: {
      parameters: {
        query?: never;
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
          /** @description The id of a panel */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['CollectionPanelDetail'];
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}/panels/{id}/image': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The picture of a panel */
    get: {
      parameters: {
        query?: {
          /** @description Maximum width in pixels, one of 160, 320, 640, 1280; without it, as wide as it is */
          width?: 160 | 320 | 640 | 1280;
        };
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
          /** @description The id of a panel */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': unknown;
            'image/jpeg': unknown;
            'image/png': unknown;
            'image/webp': unknown;
            'image/avif': unknown;
            'image/gif': unknown;
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'image/jpeg': components['schemas']['Error'];
            'image/png': components['schemas']['Error'];
            'image/webp': components['schemas']['Error'];
            'image/avif': components['schemas']['Error'];
            'image/gif': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'image/jpeg': components['schemas']['Error'];
            'image/png': components['schemas']['Error'];
            'image/webp': components['schemas']['Error'];
            'image/avif': components['schemas']['Error'];
            'image/gif': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
  '/v1/collections/{collection}/panels/{id}/page': {
    parameters: {
      query?: never;
      header?: never;
      path?: never;
      cookie?: never;
    };
    /** The picture of the page of a panel */
    get: {
      parameters: {
        query?: {
          /** @description Maximum width in pixels, one of 160, 320, 640, 1280; without it, as wide as it is */
          width?: 160 | 320 | 640 | 1280;
        };
        header?: {
          /** @description Deadline of the request, from the arrival of its headers. When it passes: 504 `deadline_exceeded` */
          'x-request-timeout-ms'?: number;
          /** @description `interactive` requests go first. Those for more than eight panels or texts are `batch` by default */
          'x-priority'?: 'interactive' | 'batch';
        };
        path: {
          /** @description The name of the collection */
          collection: string;
          /** @description The id of a panel */
          id: string;
        };
        cookie?: never;
      };
      requestBody?: never;
      responses: {
        /** @description Default Response */
        200: {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': unknown;
            'image/jpeg': unknown;
            'image/png': unknown;
            'image/webp': unknown;
            'image/avif': unknown;
            'image/gif': unknown;
          };
        };
        /** @description Default Response */
        '4XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'image/jpeg': components['schemas']['Error'];
            'image/png': components['schemas']['Error'];
            'image/webp': components['schemas']['Error'];
            'image/avif': components['schemas']['Error'];
            'image/gif': components['schemas']['Error'];
          };
        };
        /** @description Default Response */
        '5XX': {
          headers: {
            [name: string]: unknown;
          };
          content: {
            'application/json': components['schemas']['Error'];
            'image/jpeg': components['schemas']['Error'];
            'image/png': components['schemas']['Error'];
            'image/webp': components['schemas']['Error'];
            'image/avif': components['schemas']['Error'];
            'image/gif': components['schemas']['Error'];
          };
        };
      };
    };
    put?: never;
    post?: never;
    delete?: never;
    options?: never;
    head?: never;
    patch?: never;
    trace?: never;
  };
}
export type webhooks = Record<string, never>;
export interface components {
  schemas: {
    Error: {
      error: {
        /**
         * @description The kind of the error, as clients of OpenAI know it
         * @enum {string}
         */
        type: 'invalid_request_error' | 'rate_limit_error' | 'server_error';
        /** @description Stable and machine-readable */
        code: string;
        message: string;
        /** @description The field of the request at fault, such as input[3].image */
        param: string | null;
        request_id: string;
      };
    };
    OpenInferenceError: {
      error: string;
      /** @description Stable and machine-readable */
      code: string;
      /** @description The field of the request at fault, such as inputs[0].shape */
      param: string | null;
      request_id: string;
    };
    Collection: {
      /** @constant */
      object: 'collection';
      name: string;
      /** @description The id of the model that embedded it */
      model: string;
      space: string;
      dimensions: number;
      pages: number;
      panels: number;
      /** @description The `store` or the `dataset` that it was made of, as the index job had it */
      source: {
        [key: string]: unknown;
      };
      job_id: string;
      /** @description Unix time in seconds */
      created_at: number;
      /** @description Unix time in seconds */
      ready_at: number;
      /** @description Whether a model is served that embeds into this space */
      searchable: boolean;
      has_map: boolean;
      facets_url: string;
    };
    CollectionList: {
      /** @constant */
      object: 'list';
      data: components['schemas']['Collection'][];
    };
    CollectionFacets: {
      /** @description The books with most panels */
      books: {
        value: string;
        panels: number;
      }[];
      books_total: number;
      page_types: {
        value: string;
        panels: number;
      }[];
    };
    DeletedCollection: {
      /** @constant */
      object: 'collection';
      name: string;
      /** @constant */
      deleted: true;
    };
    CollectionMap: {
      /** @constant */
      object: 'map';
      collection: string;
      /** @description Panels on the map: all, or a random 100,000 of a larger collection */
      count: number;
      /** @description Panels of the collection */
      total: number;
      /** @description Panels that UMAP placed; any other lies at the weighted mean of its five nearest of these */
      landmarks: number;
      seed: number;
      /** @description By k-means over the vectors, the largest first */
      clusters: {
        /** @description Its number in the points, from 0 */
        cluster: number;
        panels: number;
        /** @description Ids of the panels nearest to its centre, the nearest first */
        faces: string[];
      }[];
      /** @description The books with most panels on the map; books of points are indexes into this list */
      books: {
        value: string;
        panels: number;
      }[];
      /** @description Types of pages, as the books */
      page_types: {
        value: string;
        panels: number;
      }[];
      points_url: string;
    };
    CollectionPanel: {
      /** @description The same after another index job of the same pages */
      id: string;
      /** @description The id of its page */
      canonical_id: string;
      book: string;
      page_type: string;
      /** @description Its place among the vectors of its page, from 0 */
      panel: number;
      /** @description The number that the panel file gives it, which may be any */
      number: number | null;
      /** @description x, y, width and height in pixels of the page, whose picture is upright */
      box: number[];
      /** @description As it was read from the panel file: text, never markup */
      text: string | null;
      /** @description The picture of the panel */
      image_url: string;
      /** @description The picture of its page */
      page_url: string;
    };
    CollectionPanelList: {
      /** @constant */
      object: 'list';
      data: components['schemas']['CollectionPanel'][];
    };
    CollectionPanelDetail: {
      /** @description The same after another index job of the same pages */
      id: string;
      /** @description The id of its page */
      canonical_id: string;
      book: string;
      page_type: string;
      /** @description Its place among the vectors of its page, from 0 */
      panel: number;
      /** @description The number that the panel file gives it, which may be any */
      number: number | null;
      /** @description x, y, width and height in pixels of the page, whose picture is upright */
      box: number[];
      /** @description As it was read from the panel file: text, never markup */
      text: string | null;
      /** @description The picture of the panel */
      image_url: string;
      /** @description The picture of its page */
      page_url: string;
      page: {
        canonical_id: string;
        book: string;
        page_type: string;
        summary: string;
        /** @description Pixels; null if the picture cannot be read any more */
        width: number | null;
        /** @description Pixels; null if the picture cannot be read any more */
        height: number | null;
        panels: {
          id: string;
          panel: number;
          /** @description x, y, width and height in pixels of the page, whose picture is upright */
          box: number[];
          /** @description As it was read from the panel file: text, never markup */
          text: string | null;
        }[];
        /** @description The page before it in the book */
        previous: {
          canonical_id: string;
          /** @description Its first panel */
          panel_id: string;
        } | null;
        /** @description The page after it in the book */
        next: {
          canonical_id: string;
          /** @description Its first panel */
          panel_id: string;
        } | null;
      };
      /** @description How much each modality weighs in its vector; null if the store does not say */
      gate: {
        vision: number;
        text: number;
        composition: number;
      } | null;
    };
    Vector: number[] | string;
    Embedding: {
      /** @constant */
      object: 'embedding';
      index: number;
      embedding: components['schemas']['Vector'];
      /** @description Present if several outputs are requested */
      outputs?: {
        [key: string]: components['schemas']['Vector'] | null;
      };
      modalities: ('vision' | 'text' | 'composition')[];
      gate: {
        vision: number;
        text: number;
        composition: number;
      } | null;
      /** @description Weights of the visual backbones, if the model weighs them */
      backbones?: {
        [key: string]: number;
      };
      /** @description Whether the text was longer than the encoder takes */
      truncated: boolean;
      /** @description Tokens of the text that the vocabulary of the model lacks */
      unknown_tokens: number;
      /** @description Whether the vocabulary has no word of the text, which then counts as absent */
      unknown_text: boolean;
    };
    Usage: {
      prompt_tokens: number;
      total_tokens: number;
    };
    EmbeddingList: {
      /** @constant */
      object: 'list';
      model: string;
      /** @description Space fingerprint: vectors compare exactly when theirs are equal */
      space: string;
      dimensions: number;
      data: components['schemas']['Embedding'][];
      usage: components['schemas']['Usage'];
    };
    OpenAIEmbeddingList: {
      /** @constant */
      object: 'list';
      data: {
        /** @constant */
        object: 'embedding';
        index: number;
        embedding: components['schemas']['Vector'];
        /** @description Whether the text was longer than the encoder takes */
        truncated?: boolean;
        /** @description Tokens of the text that the vocabulary of the model lacks */
        unknown_tokens?: number;
      }[];
      model: string;
      usage: components['schemas']['Usage'];
    };
    PageEmbeddingList: {
      /** @constant */
      object: 'list';
      model: string;
      space: string;
      dimensions: number;
      data: {
        /** @constant */
        object: 'page';
        index: number;
        canonical_id: string | null;
        panel_embeddings: components['schemas']['Vector'][];
        panel_outputs?: {
          [key: string]: (components['schemas']['Vector'] | null)[];
        };
        panel_mask: boolean[];
        metadata: {
          num_panels: number;
          overall_summary: string | null;
          width: number;
          height: number;
          panels: {
            /** @description [left, top, right, bottom] in pixels */
            crop: number[];
            composition: number[];
            modalities: ('vision' | 'text' | 'composition')[];
            gate: {
              vision: number;
              text: number;
              composition: number;
            } | null;
            /** @description Weights of the visual backbones, if the model weighs them */
            backbones?: {
              [key: string]: number;
            };
            /** @description Whether the text was longer than the encoder takes */
            truncated: boolean;
            /** @description Tokens of the text that the vocabulary of the model lacks */
            unknown_tokens: number;
            /** @description Whether the vocabulary has no word of the text, which then counts as absent */
            unknown_text: boolean;
          }[];
          /** @description What was read differently from how it is written */
          notes: {
            /** @description The index of the panel; absent if the note is about the page */
            panel?: number;
            note: string;
            detail?: string;
          }[];
          /** @description Fields of the page that have no meaning here */
          ignored_fields: string[];
        };
      }[];
      usage: components['schemas']['Usage'];
    };
    ArtifactList: {
      /** @constant */
      object: 'list';
      data: {
        /** @description Its name in /v1/jobs/{id}/artifacts/{name}; files of a folder follow after a slash */
        name: string;
        /** @enum {string} */
        kind: 'file' | 'folder';
        bytes: number | null;
      }[];
    };
    Job: {
      /** Format: uuid */
      id: string;
      /** @constant */
      object: 'job';
      type: string;
      /** @enum {string} */
      state: 'queued' | 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';
      /** @description With all defaults, the model by its id, and absolute paths */
      spec: {
        [key: string]: unknown;
      };
      progress: {
        /** @description Pages */
        done: number;
        total: number | null;
        /** @description Pages per second, of all workers together */
        rate: number;
        seconds_left: number | null;
        phase: string;
        /** @description Further current numbers of a job, such as epoch, step and losses of a training. null stands for a number that is not finite */
        detail: {
          [key: string]: number | null;
        } | null;
      };
      /** @description How often work on the job began: once, and once more for each task that was lost with its worker */
      attempts: number;
      error: {
        code: string;
        message: string;
        param: string | null;
      } | null;
      created_at: string;
      started_at: string | null;
      finished_at: string | null;
      artifacts: {
        /** @description Its name in /v1/jobs/{id}/artifacts/{name}; files of a folder follow after a slash */
        name: string;
        /** @enum {string} */
        kind: 'file' | 'folder';
        bytes: number | null;
      }[];
    };
    JobList: {
      /** @constant */
      object: 'list';
      data: components['schemas']['Job'][];
      /** @description Value of `after` for the next page; null on the last page */
      next: string | null;
    };
    History: {
      /** @constant */
      object: 'history';
      /** @description By name, the values over the steps: [step, value]; null stands for one that is not finite. A long series is reduced to 500 intervals, of each of which its lowest and its highest value are kept. */
      steps: {
        [key: string]: [number, number | null][];
      };
      /** @description By name, the values over the epochs */
      epochs: {
        [key: string]: [number, number | null][];
      };
    };
    InferAnswer: {
      model_name: string;
      model_version: string;
      id?: string;
      outputs: {
        name: string;
        /** @constant */
        datatype: 'FP32';
        shape: number[];
        parameters?: {
          binary_data_size: number;
        };
        data?: number[];
      }[];
    };
    OpenInferenceModel: {
      name: string;
      versions: string[];
      platform: string;
      inputs: {
        name: string;
        /** @enum {string} */
        datatype: 'FP32' | 'FP64' | 'INT64' | 'INT32' | 'UINT8' | 'BOOL';
        /** @description -1 is a size that the request chooses */
        readonly shape: number[];
      }[];
      outputs: {
        name: string;
        /** @enum {string} */
        datatype: 'FP32' | 'FP64' | 'INT64' | 'INT32' | 'UINT8' | 'BOOL';
        /** @description -1 is a size that the request chooses */
        readonly shape: number[];
      }[];
    };
    OpenInferenceModelReady: {
      name: string;
      ready: boolean;
    };
    OpenInferenceServer: {
      name: string;
      version: string;
      extensions: string[];
    };
    OpenInferenceLive: {
      live: boolean;
    };
    OpenInferenceReady: {
      ready: boolean;
    };
    Root: {
      /** @constant */
      name: 'panelvec';
      version: string;
      /** @description Paths of what one looks for first */
      links: {
        [key: string]: string;
      };
    };
    Alias: {
      /** @constant */
      object: 'alias';
      alias: string;
      /** @description The active model */
      model: string;
      /** @description The model that a rollback brings back */
      previous: string | null;
      /** @description Whether it is still loaded, so that a rollback takes no time */
      previous_warm: boolean;
      /** @description A model that gets a share of the requests */
      canary: {
        id: string;
        model: string;
        /** @description Share of the requests, from 0 to 1 */
        share: number;
        started_at: string;
      } | null;
      /** @description The canary before, and why it ended */
      last_canary: {
        model: string;
        ended_at: string;
        reason: string;
      } | null;
      /**
       * @description Who says so: an activation, or PANELVEC_MODELS and PANELVEC_MODEL_ALIASES
       * @enum {string}
       */
      source: 'database' | 'settings';
      /** @description Null where the settings say so */
      changed_at: string | null;
      /** @description Why the alias means something else in the service that responds; null if it does not */
      problem: string | null;
    };
    AliasList: {
      /** @constant */
      object: 'list';
      data: components['schemas']['Alias'][];
    };
    RemovedAlias: {
      /** @constant */
      object: 'alias';
      alias: string;
      /** @constant */
      deleted: true;
    };
    SearchResult: {
      /** @description The same after another index job of the same pages */
      id: string;
      /** @description The id of its page */
      canonical_id: string;
      book: string;
      page_type: string;
      /** @description Its place among the vectors of its page, from 0 */
      panel: number;
      /** @description The number that the panel file gives it, which may be any */
      number: number | null;
      /** @description x, y, width and height in pixels of the page, whose picture is upright */
      box: number[];
      /** @description As it was read from the panel file: text, never markup */
      text: string | null;
      /** @description The picture of the panel */
      image_url: string;
      /** @description The picture of its page */
      page_url: string;
      /** @description Cosine to the query, -1 to 1 */
      score: number;
      /** @description The id of an earlier result of the same response that is nearly the same panel */
      near_duplicate_of: string | null;
      /** @description At the level of pages: the panels of the page that fit the filters, best first */
      panels?: {
        id: string;
        /** @description Cosine to the query, -1 to 1 */
        score: number;
      }[];
    };
    SearchList: {
      /** @constant */
      object: 'list';
      collection: string;
      /** @description The model of the collection */
      model: string;
      space: string;
      /** @enum {string} */
      level: 'panel' | 'page';
      /** @description Whether every panel that fits the filters was compared */
      exact: boolean;
      query: {
        /** @description The weights of the parts that the query has */
        weights: {
          /** @description 1 by default */
          text?: number;
          /** @description 1 by default */
          image?: number;
          /** @description 1 by default */
          panel?: number;
          /** @description 1 by default */
          composition?: number;
          /** @description 1 by default */
          positive?: number;
          /** @description 0.5 by default */
          negative?: number;
        };
        /** @description Whether the end of its text was cut off */
        truncated: boolean;
        /** @description Tokens of its text that the vocabulary of the model lacks */
        unknown_tokens: number;
      };
      /** @description Best first */
      data: components['schemas']['SearchResult'][];
      /** @description Where the next results begin; null where there are none */
      next_cursor: string | null;
    };
    Access: {
      /** @description Whether callers need no key */
      anonymous: boolean;
      /** @description The key that was sent; null if none was */
      key: {
        name: string;
        /** @description What the key may do; admin may do everything */
        scopes: ('embed' | 'search' | 'jobs' | 'admin')[];
        /** @description null for a key that does not expire */
        expires_at: string | null;
      } | null;
    };
    AuditLine: {
      /** Format: uuid */
      id: string;
      /** @constant */
      object: 'audit_line';
      created_at: string;
      /** @description The name of the key, or `anonymous`, `command line` or `service` */
      caller: string;
      /** @description null for callers without a key */
      key_id: string | null;
      /** @enum {string} */
      action:
        | 'alias.remove'
        | 'collection.delete'
        | 'job.cancel'
        | 'job.submit'
        | 'key.create'
        | 'key.revoke'
        | 'model.activate'
        | 'model.canary_end'
        | 'model.remove'
        | 'model.rollback';
      /** @description The id or name of what was changed */
      subject: string;
      /** @description More about the change, by action */
      detail: {
        [key: string]: unknown;
      } | null;
      /** @description The request that made the change; null where there was none */
      request_id: string | null;
    };
    AuditList: {
      /** @constant */
      object: 'list';
      data: components['schemas']['AuditLine'][];
      /** @description Value of `after` for the next page; null on the last page */
      next: string | null;
    };
    Live: {
      /** @constant */
      status: 'live';
    };
    Ready: {
      /**
       * @description `unavailable`: the default model cannot be loaded, or an engine does not compute its model
       * @enum {string}
       */
      status: 'ready' | 'starting' | 'unavailable';
      engines: {
        device: number;
        /** @description Number of the engine on its device */
        index: number;
        warm: boolean;
      }[];
      /** @description What is not served as it was chosen, in sentences; also while it is ready */
      problems: string[];
    };
    ZeroShot: {
      /** @constant */
      object: 'zero_shot';
      index: number;
      /** @description The label with the highest score */
      label: string;
      /** @description One for each label, in their order */
      scores: number[];
      /** @description Cosines of the vectors of the picture and of each label */
      cosines: number[];
    };
    ZeroShotScoring: {
      /**
       * @description softmax: the scores of a picture add up to 1; sigmoid: each label is scored alone
       * @enum {string}
       */
      kind: 'softmax' | 'sigmoid';
      /** @description Cosines are divided by it */
      temperature: number;
      /** @description Added to the divided cosines */
      bias: number;
      /** @description What is compared: `fused` vectors, or the features of this visual backbone and of a text encoder trained with it */
      vectors: string;
    };
    ZeroShotList: {
      /** @constant */
      object: 'list';
      model: string;
      space: string;
      scoring: components['schemas']['ZeroShotScoring'];
      labels: {
        label: string;
        /** @description The label in its template */
        text: string;
        /** @description Whether the text was longer than the encoder takes */
        truncated: boolean;
        /** @description Tokens of the text that the vocabulary of the model lacks */
        unknown_tokens: number;
      }[];
      data: components['schemas']['ZeroShot'][];
      usage: components['schemas']['Usage'];
    };
    ModelCard: {
      /** @constant */
      object: 'model_card';
      model: string;
      /** @description Markdown; null if the model has no README.md, or no folder any more */
      text: string | null;
      /** @description Measures: of its training job, and of those tables of the card whose first column is called "measure" */
      tables: {
        /** @description The heading above it */
        title: string;
        /** @description What was measured: this model first, then what it is compared to */
        columns: string[];
        rows: {
          measure: string;
          figures: {
            /** @description As the card has it */
            text: string;
            /** @description null where the text is not a number */
            value: number | null;
            /** @description The interval in brackets behind the number */
            interval: number[] | null;
          }[];
        }[];
      }[];
    };
    Model: {
      id: string;
      /** @constant */
      object: 'model';
      /** @description Unix time in seconds of its model.json */
      created: number;
      /**
       * @description For clients of OpenAI
       * @constant
       */
      owned_by: 'panelvec';
      /** @description Further names that requests may use */
      aliases: string[];
      name: string;
      version: number;
      description: string;
      licence: string;
      default: boolean;
      space: string;
      dimensions: number;
      /** @enum {string} */
      fusion_mode: 'present' | 'reference';
      visual_backbones: string[];
      image_size: number;
      /** @description Views of a picture whose features are averaged: a picture costs as many */
      grid_views: number;
      max_tokens: number;
      /** @description Size of its files */
      bytes: number;
      /** @description How /v1/zero-shot scores labels */
      zero_shot: components['schemas']['ZeroShotScoring'];
      /** @description Empty while the model is not loaded */
      engines: {
        device: number;
        /** @description Number of the engine on its device */
        index: number;
        /** @description The execution provider in use; null while the engine starts */
        provider: ('cpu' | 'cuda' | 'tensorrt' | 'webgpu') | null;
        /** @description Why no GPU provider is in use, if one was tried */
        fallback: string | null;
      }[];
      /**
       * @description `active`: the model or the canary of an alias; `available`: can be activated; `broken`: `problem` says why not; `retired`: removed
       * @enum {string}
       */
      state: 'available' | 'active' | 'retired' | 'broken';
      /** @description Whether requests can use it now */
      served: boolean;
      /** @description Whether its engines are in memory; a served model comes back when it is asked for */
      loaded: boolean;
      /** @description Why this service cannot load it; null where nothing is known against it */
      problem: string | null;
      /** @description Hash of the hashes of all files that it needs to run */
      weights_sha256: string | null;
      /** @description The model that its training started from */
      parent: {
        id: string;
        space: string;
      } | null;
      /** @description Id of the train job that made it */
      training_job: string | null;
      /** @description Hash of the pages that it was trained on, with the sizes and times of their files */
      data_fingerprint: string | null;
      /** @description What evaluate jobs measured of it: the newest first, 20 at most */
      measures: {
        /** @description Id of the evaluate job */
        evaluation: string;
        /** @description Measures of evaluations with an equal one compare; null for those of earlier versions */
        fingerprint: string | null;
        measures: {
          [key: string]:
            | {
                value: number;
                low: number;
                high: number;
                /**
                 * @description Which of two values is the better one
                 * @enum {string}
                 */
                better: 'higher' | 'lower';
              }
            | {
                /** @description Why it was not measured */
                left_out: string;
              };
        };
      }[];
    };
    ModelList: {
      /** @constant */
      object: 'list';
      /** @description The served ones first */
      data: components['schemas']['Model'][];
      /** @description Folders of models that hold none that could be entered */
      unreadable: {
        folder: string;
        problem: string;
      }[];
    };
    RemovedModel: {
      id: string;
      /** @constant */
      object: 'model';
      /** @constant */
      deleted: true;
    };
    Status: {
      /** @constant */
      object: 'status';
      version: string;
      uptime_seconds: number;
      /** @description As /health/ready */
      ready: boolean;
      /** @description What is not as it should be, in words; empty if all is well */
      problems: string[];
      engines: {
        device: number;
        /** @description Number of the engine on its device */
        index: number;
        warm: boolean;
        provider: ('cpu' | 'cuda' | 'tensorrt' | 'webgpu') | null;
        /** @description Why no GPU provider is in use, if one was tried */
        fallback: string | null;
      }[];
      queue: {
        /** @description Panels of requests that wait for an engine */
        waiting: number;
        /** @description Panels admitted and not answered */
        in_work: number;
        /** @description Texts of requests of texts alone, admitted and not answered */
        texts_in_work: number;
      };
      /** @description Since the start: the difference of two readings is a rate */
      totals: {
        requests: number;
        /** @description Answered with a status of 500 or more */
        failed_requests: number;
        /** @description Panels and texts that the engines computed, also for jobs that share them */
        items: number;
        engine_restarts: number;
      };
      /** @description Seconds by which timers were late, in the last ten seconds or less */
      event_loop_delay: {
        p50: number;
        p99: number;
        max: number;
      };
      /** @description Resident memory of the process that answers requests */
      memory_bytes: number;
      /** @description Why collections cannot be searched; null if they can */
      search_problem: string | null;
      /** @description null if the service takes no jobs */
      jobs: {
        /** @enum {string} */
        database: 'embedded' | 'server';
        /** @description Why the database cannot be used; null while it answers */
        database_problem: string | null;
        /** @description Workers that this service runs; those on other machines are not counted */
        workers: {
          /** @description Workers that the service may have */
          expected: number;
          running: number;
          /** @description Workers that start when a task waits for them */
          asleep: number;
        };
        /** @description Jobs by state */
        states: {
          [key: string]: number;
        };
      } | null;
    };
  };
  responses: never;
  parameters: never;
  requestBodies: never;
  headers: never;
  pathItems: never;
}
export type $defs = Record<string, never>;
export type operations = Record<string, never>;
