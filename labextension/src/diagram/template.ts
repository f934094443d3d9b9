/** What a new diagram begins with: a picture at once, and what to try next. */
export const TEMPLATE = `@startuml
' A line that begins with an apostrophe is a comment.
title Sign in

actor User
participant "Web app" as Web
database Accounts

User -> Web : name and password
activate Web
Web -> Accounts : look up
Accounts --> Web : account

alt password is right
  Web --> User : welcome
else
  Web --> User : try again
end
deactivate Web
@enduml
`;
