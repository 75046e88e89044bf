/* See kept_attributes.h. */
#include "kept_attributes.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "kernel_abi.h"

bool answer_for_unkept(const struct kept_attributes *kept, int fd, const uint8_t *message, size_t length) {
  struct request_header request;
  const size_t before_name = sizeof request + sizeof(struct getxattr_request);
  if (kept->prefix[0] == '\0' || length <= before_name) return false;
  memcpy(&request, message, sizeof request);
  if (request.opcode != OPCODE_GETXATTR) return false;
  const char *name = (const char *)message + before_name;
  if (memchr(name, '\0', length - before_name) == NULL) return false;
  if (strncmp(name, kept->prefix, strlen(kept->prefix)) == 0) return false;
  const struct reply_header reply = {.length = sizeof reply, .error = -kept->error, .unique = request.unique};
  /* ENOENT: nobody waits any more. ENODEV: the session has ended, which the reader learns as well. */
  while (write(fd, &reply, sizeof reply) < 0 && errno == EINTR) continue;
  return true;
}
