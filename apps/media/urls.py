"""API routes of media, below /api/v1/, and below /media/ the files that lie on this machine."""

from django.urls import path, re_path

from . import views

urlpatterns = [
    path("upload/image", views.UploadImageView.as_view()),
    path("upload/document", views.UploadDocumentView.as_view()),
    path("upload/parts/<str:token>", views.PartView.as_view(), name="upload-part"),
    path("media", views.FileViewSet.as_view({"get": "list"})),
    path("media/<uuid:pk>", views.FileViewSet.as_view({"get": "retrieve", "delete": "destroy"})),
]

files = [
    re_path(
        r"^public/(?P<stem>[0-9a-f]{2}/[0-9a-f]{32}(?:-[a-z]{1,10})?)\.(?P<extension>jpg|png|webp)$",
        views.public_file,
        name="public-file",
    ),
    path("private/<str:token>", views.private_file, name="private-file"),
]
