#include "admin/error_codes.h"

namespace patchbay::admin {

namespace {

constexpr ErrorCode kErrorCodes[] = {
    {code::kAlreadyExists, "There is one of that name already"},
    {code::kAlreadyInstalled, "The plugin is installed already"},
    {code::kApiKeyNotAllow, "API keys cannot do this: log in as a user"},
    {code::kAuthorizationHeaderError, "The header Authorization is missing or has another form than Basic or Bearer"},
    {code::kBadApiKeyOrSecret, "The API key does not exist, is off, has expired, or has another secret"},
    {code::kBadConfig, "The settings are not those that the plugin's schema describes"},
    {code::kBadConfigSchema, "The configuration is not what its schema describes"},
    {code::kBadFormData, "The body is not the form that is expected"},
    {code::kBadListenerId, "A listener's id is <type>:<name>"},
    {code::kBadNodeName, "There is no node of that name"},
    {code::kBadPluginInfo, "The plugin's file or manifest is not in order"},
    {code::kBadPosition, "A position is front, rear, before:<name> or after:<name>"},
    {code::kBadRequest, "The request is not what the route's schemas describe"},
    {code::kBadToken, "The token is not known"},
    {code::kBadTopic, "The topic name or filter is not one"},
    {code::kBadUsernameOrPwd, "The user name or the password is wrong"},
    {code::kClientidNotFound, "There is no client of that id"},
    {code::kClientNotFound, "There is no such client"},
    {code::kClientNotResponse, "The client's session has not answered in time"},
    {code::kClientShutdown, "The client's session has just ended"},
    {code::kConflict, "Somebody else has changed it meanwhile, or another part needs it"},
    {code::kDependencyExists, "Something else still uses it"},
    {code::kExceedLimit, "There are as many as the limit allows"},
    {code::kForbidden, "This has not been allowed"},
    {code::kInternalError, "The server has failed; its log says how"},
    {code::kInvalidConfig, "The configuration is not valid"},
    {code::kInvalidId, "The id is not one"},
    {code::kInvalidParameter, "A parameter has a value that is not allowed"},
    {code::kLengthRequired, "The request needs a Content-Length"},
    {code::kMessageIdNotFound, "There is no message of that id"},
    {code::kMessageIdSchemaError, "The message id is not one"},
    {code::kMethodNotAllowed, "The path has other methods; see the header Allow"},
    {code::kMoveFailed, "The plugin could not be moved"},
    {code::kNodeDown, "The node does not run"},
    {code::kNoDefaultValue, "The key has no default"},
    {code::kNotAllowed, "This is not allowed"},
    {code::kNotFound, "There is no such thing"},
    {code::kNotMatch, "A condition is not met"},
    {code::kParamError, "A parameter is not in order"},
    {code::kPasswordChangeRequired, "The first password only serves to set another one"},
    {code::kPayloadTooLarge, "The body is larger than is allowed"},
    {code::kRequestTimeout, "The request has not come whole in time"},
    {code::kResourceNotFound, "There is no such resource"},
    {code::kServiceUnavailable, "The node cannot do this now; try again"},
    {code::kTokenTimeOut, "The token has expired: log in again"},
    {code::kTooManyRequests, "Too many requests, or too many attempts to log in; see the header Retry-After"},
    {code::kTopicNotFound, "There is no such topic"},
    {code::kUnauthorizedRole, "The caller's role or scopes do not include this"},
    {code::kUnexpectedError, "Something was not as it must be"},
    {code::kUnsupportedMediaType, "The body has another type than the route takes"},
    {code::kUpdateFailed, "The change was not made"},
    {code::kUserNotFound, "There is no user of that name"},
};

}  // namespace

std::span<const ErrorCode> error_codes() {
  return kErrorCodes;
}

}  // namespace patchbay::admin
