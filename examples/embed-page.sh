#!/bin/sh
# Embeds every panel of one page. Start the service first: npm start
# The answer is one line of JSON with 512 numbers for each panel: examples/embed-page.sh | head -c 600
set -eu
cd "$(dirname "$0")"

service=${PANELVEC_URL:-http://127.0.0.1:8080}
page='Moonlit Harbor/page_001'

# The call takes panels as the VLM file has them (or the OCR file), so the file is the request: only the id is missing.
# "<-" sends what comes from the pipe as a plain field. With "@-" it would become a file, as the image is.
sed "1s|{|{ \"canonical_id\": \"$page\",|" "vlm/$page.json" |
  curl --silent --show-error --fail-with-body \
    -F image=@pages/page_001.jpg \
    -F 'request=<-' \
    "$service/v1/embeddings/page"
