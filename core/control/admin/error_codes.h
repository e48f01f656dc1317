#pragma once

#include <span>
#include <string_view>

/// The codes of {"code": ..., "message": ...}: EMQX's where it has one. All of them are told by GET /error_codes, and
/// no handler answers another. [any-thread]
namespace patchbay::admin {

struct ErrorCode {
  std::string_view code;
  std::string_view description;
};

[[nodiscard]] std::span<const ErrorCode> error_codes();

namespace code {

inline constexpr std::string_view kAlreadyExists = "ALREADY_EXISTS";
inline constexpr std::string_view kAlreadyInstalled = "ALREADY_INSTALLED";
inline constexpr std::string_view kApiKeyNotAllow = "API_KEY_NOT_ALLOW";
inline constexpr std::string_view kAuthorizationHeaderError = "AUTHORIZATION_HEADER_ERROR";
inline constexpr std::string_view kBadApiKeyOrSecret = "BAD_API_KEY_OR_SECRET";
inline constexpr std::string_view kBadConfig = "BAD_CONFIG";
inline constexpr std::string_view kBadConfigSchema = "BAD_CONFIG_SCHEMA";
inline constexpr std::string_view kBadFormData = "BAD_FORM_DATA";
inline constexpr std::string_view kBadListenerId = "BAD_LISTENER_ID";
inline constexpr std::string_view kBadNodeName = "BAD_NODE_NAME";
inline constexpr std::string_view kBadPluginInfo = "BAD_PLUGIN_INFO";
inline constexpr std::string_view kBadPosition = "BAD_POSITION";
inline constexpr std::string_view kBadRequest = "BAD_REQUEST";
inline constexpr std::string_view kBadToken = "BAD_TOKEN";
inline constexpr std::string_view kBadTopic = "BAD_TOPIC";
inline constexpr std::string_view kBadUsernameOrPwd = "BAD_USERNAME_OR_PWD";
inline constexpr std::string_view kClientidNotFound = "CLIENTID_NOT_FOUND";
inline constexpr std::string_view kClientNotFound = "CLIENT_NOT_FOUND";
inline constexpr std::string_view kClientNotResponse = "CLIENT_NOT_RESPONSE";
inline constexpr std::string_view kClientShutdown = "CLIENT_SHUTDOWN";
inline constexpr std::string_view kConflict = "CONFLICT";
inline constexpr std::string_view kDependencyExists = "DEPENDENCY_EXISTS";
inline constexpr std::string_view kExceedLimit = "EXCEED_LIMIT";
inline constexpr std::string_view kForbidden = "FORBIDDEN";
inline constexpr std::string_view kInternalError = "INTERNAL_ERROR";
inline constexpr std::string_view kInvalidConfig = "INVALID_CONFIG";
inline constexpr std::string_view kInvalidId = "INVALID_ID";
inline constexpr std::string_view kInvalidParameter = "INVALID_PARAMETER";
inline constexpr std::string_view kLengthRequired = "LENGTH_REQUIRED";
inline constexpr std::string_view kMessageIdNotFound = "MESSAGE_ID_NOT_FOUND";
inline constexpr std::string_view kMessageIdSchemaError = "MESSAGE_ID_SCHEMA_ERROR";
inline constexpr std::string_view kMethodNotAllowed = "METHOD_NOT_ALLOWED";
inline constexpr std::string_view kMoveFailed = "MOVE_FAILED";
inline constexpr std::string_view kNodeDown = "NODE_DOWN";
inline constexpr std::string_view kNoDefaultValue = "NO_DEFAULT_VALUE";
inline constexpr std::string_view kNotAllowed = "NOT_ALLOWED";
inline constexpr std::string_view kNotFound = "NOT_FOUND";
inline constexpr std::string_view kNotMatch = "NOT_MATCH";
inline constexpr std::string_view kParamError = "PARAM_ERROR";
inline constexpr std::string_view kPasswordChangeRequired = "PASSWORD_CHANGE_REQUIRED";
inline constexpr std::string_view kPayloadTooLarge = "PAYLOAD_TOO_LARGE";
inline constexpr std::string_view kRequestTimeout = "REQUEST_TIMEOUT";
inline constexpr std::string_view kResourceNotFound = "RESOURCE_NOT_FOUND";
inline constexpr std::string_view kServiceUnavailable = "SERVICE_UNAVAILABLE";
inline constexpr std::string_view kTokenTimeOut = "TOKEN_TIME_OUT";
inline constexpr std::string_view kTooManyRequests = "TOO_MANY_REQUESTS";
inline constexpr std::string_view kTopicNotFound = "TOPIC_NOT_FOUND";
inline constexpr std::string_view kUnauthorizedRole = "UNAUTHORIZED_ROLE";
inline constexpr std::string_view kUnexpectedError = "UNEXPECTED_ERROR";
inline constexpr std::string_view kUnsupportedMediaType = "UNSUPPORTED_MEDIA_TYPE";
inline constexpr std::string_view kUpdateFailed = "UPDATE_FAILED";
inline constexpr std::string_view kUserNotFound = "USER_NOT_FOUND";

}  // namespace code

}  // namespace patchbay::admin
