/* See napi_support.h. */
#include "napi_support.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct call call_of(napi_env env, napi_callback_info info) {
  struct call call = {.env = env, .count = MOST_ARGUMENTS};
  napi_get_cb_info(env, info, &call.count, call.arguments, NULL, &call.data);
  return call;
}

int32_t int_argument(const struct call *call, size_t index) {
  int32_t value = 0;
  napi_get_value_int32(call->env, call->arguments[index], &value);
  return value;
}

double number_argument(const struct call *call, size_t index) {
  double value = 0;
  napi_get_value_double(call->env, call->arguments[index], &value);
  return value;
}

static void *elements_argument(const struct call *call, size_t index, napi_typedarray_type wanted, size_t *length) {
  void *data = NULL;
  *length = 0;
  napi_typedarray_type type;
  napi_value value = call->arguments[index];
  bool is_typed_array = false;
  napi_is_typedarray(call->env, value, &is_typed_array);
  if (!is_typed_array) return NULL;
  napi_get_typedarray_info(call->env, value, &type, length, &data, NULL, NULL);
  if (type == wanted) return data;
  *length = 0;
  return NULL;
}

uint8_t *bytes_argument(const struct call *call, size_t index, size_t *length) {
  return elements_argument(call, index, napi_uint8_array, length);
}

double *numbers_argument(const struct call *call, size_t index, size_t *length) {
  return elements_argument(call, index, napi_float64_array, length);
}

char *string_argument(const struct call *call, size_t index, size_t longest) {
  size_t length = 0;
  napi_value value = call->arguments[index];
  if (napi_get_value_string_utf8(call->env, value, NULL, 0, &length) != napi_ok) {
    napi_throw_type_error(call->env, NULL, "a string is needed");
    return NULL;
  }
  if (length > longest) return throw_errno(call->env, "string", ENAMETOOLONG), NULL;
  char *text = malloc(length + 1);
  if (text == NULL) return throw_errno(call->env, "string", ENOMEM), NULL;
  napi_get_value_string_utf8(call->env, value, text, length + 1, &length);
  return text;
}

napi_value js_int(napi_env env, int64_t value) {
  napi_value result = NULL;
  napi_create_int64(env, value, &result);
  return result;
}

napi_value js_undefined(napi_env env) {
  napi_value result = NULL;
  napi_get_undefined(env, &result);
  return result;
}

void define_function(napi_env env, napi_value object, const char *name, napi_callback callback, void *data) {
  napi_value function = NULL;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, data, &function);
  napi_set_named_property(env, object, name, function);
}

static const char *errno_name(int error) {
  switch (error) {
    case EPERM: return "EPERM";
    case ENOENT: return "ENOENT";
    case EACCES: return "EACCES";
    case EBUSY: return "EBUSY";
    case EINVAL: return "EINVAL";
    case ENODEV: return "ENODEV";
    case ENOTDIR: return "ENOTDIR";
    case ENOMEM: return "ENOMEM";
    case ENOSPC: return "ENOSPC";
    case ENAMETOOLONG: return "ENAMETOOLONG";
    case ENOTCONN: return "ENOTCONN";
    case ECONNREFUSED: return "ECONNREFUSED";
    case EMFILE: return "EMFILE";
    case ETIMEDOUT: return "ETIMEDOUT";
    case EPROTO: return "EPROTO";
    default: return "EIO";
  }
}

napi_value errno_error(napi_env env, const char *what, int error) {
  char text[256];
  snprintf(text, sizeof text, "%s: %s", what, strerror(error));
  napi_value code = NULL, message = NULL, result = NULL, number = NULL;
  napi_create_string_utf8(env, errno_name(error), NAPI_AUTO_LENGTH, &code);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &message);
  napi_create_error(env, code, message, &result);
  napi_create_int32(env, -error, &number);
  napi_set_named_property(env, result, "errno", number);
  return result;
}

napi_value throw_errno(napi_env env, const char *what, int error) {
  napi_throw(env, errno_error(env, what, error));
  return NULL;
}
