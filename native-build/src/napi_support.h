/* Conversions between JavaScript values and C, and errors that say what failed. */
#ifndef ODBFS_NAPI_SUPPORT_H
#define ODBFS_NAPI_SUPPORT_H

#define NAPI_VERSION 8
#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_ARGUMENTS = 8 };

/* Arguments of a call and the data given to define_function(). Missing arguments are undefined. */
struct call {
  napi_env env;
  napi_value arguments[MOST_ARGUMENTS];
  size_t count;
  void *data;
};

struct call call_of(napi_env env, napi_callback_info info);
int32_t int_argument(const struct call *call, size_t index);
double number_argument(const struct call *call, size_t index);
/* The bytes of a Buffer or Uint8Array; NULL and 0 for anything else. */
uint8_t *bytes_argument(const struct call *call, size_t index, size_t *length);
/* The numbers of a Float64Array; NULL and 0 for anything else. */
double *numbers_argument(const struct call *call, size_t index, size_t *length);
/* A NUL-terminated copy that the caller frees; NULL, with an exception pending, when it is no string or too long. */
char *string_argument(const struct call *call, size_t index, size_t longest);

napi_value js_int(napi_env env, int64_t value);
napi_value js_undefined(napi_env env);
void define_function(napi_env env, napi_value object, const char *name, napi_callback callback, void *data);
/* Throws an Error whose `code` is the errno's name and whose message is "what: reason". */
napi_value throw_errno(napi_env env, const char *what, int error);
napi_value errno_error(napi_env env, const char *what, int error);

#endif
