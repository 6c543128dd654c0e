#!/bin/sh
# Embeds every panel of one page. Start the service first: npm start
# The response is one line of JSON with 512 numbers for each panel: sh examples/embed-page.sh | head -c 600
set -eu
cd "$(dirname "$0")"

service=${PANELVEC_URL:-http://127.0.0.1:8080}
page='Moonlit Harbor/page_001'

# The VLM file (or the OCR file) is the request, once it has the id of the page.
# "<-" sends standard input as a plain form field. With "@-" it would become a file, as the image is.
sed "1s|{|{ \"canonical_id\": \"$page\",|" "vlm/$page.json" |
  curl --silent --show-error --fail-with-body \
    -F image=@pages/page_001.jpg \
    -F 'request=<-' \
    "$service/v1/embeddings/page"
