"""API routes of accounts, below /api/v1/."""

from django.urls import URLPattern, path

from .views import passwords, people, signing_in

urlpatterns: list[URLPattern] = [
    path("auth/register", signing_in.RegisterView.as_view(), name="register"),
    path("auth/login", signing_in.LoginView.as_view(), name="login"),
    path("auth/refresh", signing_in.RefreshView.as_view(), name="refresh"),
    path("auth/logout", signing_in.LogoutView.as_view(), name="logout"),
    path("auth/sessions", signing_in.SessionListView.as_view(), name="sessions"),
    path("auth/sessions/<uuid:pk>", signing_in.SessionView.as_view(), name="session"),
    path("auth/verify-email", passwords.VerifyEmailView.as_view(), name="verify-email"),
    path("auth/resend-verification", passwords.ResendVerificationView.as_view(), name="resend-verification"),
    path("auth/phone-code", passwords.PhoneCodeView.as_view(), name="phone-code"),
    path("auth/verify-phone", passwords.VerifyPhoneView.as_view(), name="verify-phone"),
    path("auth/forgot-password", passwords.ForgotPasswordView.as_view(), name="forgot-password"),
    path("auth/reset-password", passwords.ResetPasswordView.as_view(), name="reset-password"),
    path("auth/change-password", passwords.ChangePasswordView.as_view(), name="change-password"),
    path("auth/profile", people.ProfileView.as_view(), name="profile"),
    path("users", people.UserListView.as_view(), name="users"),
    path("users/<uuid:pk>", people.UserView.as_view(), name="user"),
    path("users/<uuid:pk>/activate", people.ActivateUserView.as_view(), name="activate-user"),
    path("users/<uuid:pk>/deactivate", people.DeactivateUserView.as_view(), name="deactivate-user"),
]
