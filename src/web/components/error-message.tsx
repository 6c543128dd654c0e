import { ApiError } from '../api/api-error.ts';

/** What went wrong, as the service says it: the message, and the field at fault. */
export function ErrorMessage({ error }: { readonly error: unknown }) {
  const { message } = error instanceof Error ? error : new Error(String(error));
  const { param, code, requestId } = error instanceof ApiError ? error : {};
  return (
    <div class="message message-error" role="alert">
      <p>
        {param && (
          <>
            <code>{param}</code>:{' '}
          </>
        )}
        {message}
      </p>
      {code && (
        <p class="message-detail">
          {code}
          {requestId && ` · request ${requestId}`}
        </p>
      )}
    </div>
  );
}
